// The apps compute with as many threads as there are cores, and some tests count what is done at a time.
[assembly: DoNotParallelize]
