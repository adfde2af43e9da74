"""Pictures: one file each, a pure function of a summary, a selection and options."""
