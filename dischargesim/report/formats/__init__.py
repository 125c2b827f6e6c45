"""A writer for each format that a report is handed on in; each escapes texts as its format wants."""
