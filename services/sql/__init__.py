"""Engine hooks and column types shared by the centre's database and the console's stores."""
