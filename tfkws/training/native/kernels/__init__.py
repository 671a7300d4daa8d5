"""What is compiled: each function writes one kernel as LLVM code."""
