int sum_of(int a, int b) { return a + b; }
