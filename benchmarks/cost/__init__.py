"""Parameters and multiply-accumulates of the zoo, beside what two papers print."""
