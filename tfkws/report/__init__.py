"""Reports: read JSON, write Markdown, SVG and HTML; no TensorFlow."""
