"""TFLite runtimes: loading a model and running it. The only place that knows them."""
