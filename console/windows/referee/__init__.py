"""Windows of the 退单 referee."""
