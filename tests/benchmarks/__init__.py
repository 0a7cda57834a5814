"""Benchmarks: long runs that write the tables of docs/measurements.md; they are not tests."""
