Console.WriteLine("imitate");
