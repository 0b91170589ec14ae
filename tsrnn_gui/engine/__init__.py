"""The only importer of TensorFlow and Keras: builds, trains and forecasts."""
