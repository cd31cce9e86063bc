// No test has a clock or shares files with another: classes run side by side.
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel)]
