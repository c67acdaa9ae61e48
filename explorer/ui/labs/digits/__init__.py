"""The convolution laboratory's parts: components that draw arrays in the browser, and the views made of them."""
