"""The message that says it: answers, reasons and pages, put together from the content for every platform alike."""
