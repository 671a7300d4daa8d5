"""How fast training, features, searches and commands are, beside other programs and beside an earlier commit."""
