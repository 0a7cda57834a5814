"""Benchmarks: long runs that write the tables of the README; they are not tests."""
