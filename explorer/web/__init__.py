"""What runs in the browser: JavaScript modules, styles and HTML, and the code that finds them."""
