"""What an audit finds, one kind a file: of accuracy, of answers, of leakage, of people."""
