"""What is wrong with this installation, and what to type: `meltano invoke health:doctor`."""
