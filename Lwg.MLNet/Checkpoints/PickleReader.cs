using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Lwg.MLNet.Checkpoints;

/// <summary>
/// Reads Python pickles of protocols 0 to 5 without running anything (pickle libraries run the callables that a pickle names, or refuse
/// the classes of published files). The few names that model files need are interpreted (<see cref="PickleNames"/>), other classes become
/// placeholders without meaning, and functions are refused by name. Memory is limited: texts and bytes to about ten times the length of
/// the file, everything else by the file's budget (<see cref="ReadBudget"/>).
/// </summary>
internal sealed class PickleReader
{
    private const string JoblibArray = "joblib.numpy_pickle.NumpyArrayWrapper";
    private const int ShortText = 1024, MaximumLine = 1 << 26, MaximumDigits = 1024, MaximumKey = 1024, Piece = 1 << 20;

    private readonly Stream _stream;
    private readonly string _source;
    private readonly ReadBudget _budget;
    private readonly Func<object?, object?>? _persistent;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];
    private readonly byte[] _number = new byte[8];
    private long _copied;

    private PickleReader(Stream stream, string source, ReadBudget budget, Func<object?, object?>? persistent) =>
        (_stream, _source, _budget, _persistent) = (stream, source, budget, persistent);

    /// <summary>Reads one pickle and leaves the stream after it.</summary>
    /// <param name="stream">A buffered stream.</param>
    /// <param name="source">The name of the file, for errors.</param>
    /// <param name="budget">The read budget of the file.</param>
    /// <param name="persistent">Resolves persistent ids; null if the file may have none.</param>
    /// <exception cref="ModelFileException">The pickle is damaged, or contains a name that is not allowed.</exception>
    public static object? Read(Stream stream, string source, ReadBudget budget, Func<object?, object?>? persistent = null)
    {
        var reader = new PickleReader(stream, source, budget, persistent);
        try
        {
            return reader.Run();
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or InvalidOperationException or FormatException
        or OverflowException or KeyNotFoundException)
        {
            throw new ModelFileException(source, null, "the pickle in it is damaged or truncated.", e);
        }
    }

    private object? Run()
    {
        while (true)
        {
            int operation = _stream.ReadByte();
            if (operation == '.')
                return Pop();
            if (operation < 0)
                throw new EndOfStreamException();
            bool isKnown = OfStack(operation) || OfNumber(operation) || OfText(operation) || OfSequence(operation)
                || OfDictionary(operation) || OfMemo(operation) || OfObject(operation);
            if (!isKnown)
                throw Bad($"the pickle's operation 0x{operation:x2} is not allowed.");
        }
    }

    // The protocol, marks, and constants.
    private bool OfStack(int operation)
    {
        switch (operation)
        {
            case 0x80:
                if (_stream.ReadByte() > 5)
                    throw Bad("its protocol is newer than 5.");
                break;
            case 0x95:
                Whole(8);
                break;
            case '(':
                _marks.Push(_stack.Count);
                Count();
                break;
            case '0':
                Pop();
                break;
            case '1':
                _stack.RemoveRange(_marks.Peek(), _stack.Count - _marks.Pop());
                break;
            case '2':
                Push(_stack[^1]);
                break;
            case 'N':
                Push(null);
                break;
            case 0x88:
                Push(true);
                break;
            case 0x89:
                Push(false);
                break;
            default:
                return false;
        }
        return true;
    }

    // Numbers.
    private bool OfNumber(int operation)
    {
        switch (operation)
        {
            case 'I':
                string whole = Digits();
                Push(whole is "00" or "01" ? whole == "01" : long.Parse(whole, CultureInfo.InvariantCulture));
                break;
            case 'L':
                Push(Big(BigInteger.Parse(Digits().TrimEnd('L'), CultureInfo.InvariantCulture)));
                break;
            case 'F':
                Push(double.Parse(Digits(), CultureInfo.InvariantCulture));
                break;
            case 'J':
                Push((long)(int)Whole(4));
                break;
            case 'K':
                Push(Whole(1));
                break;
            case 'M':
                Push(Whole(2));
                break;
            case 0x8A:
                Push(Big(new BigInteger(Bytes(Whole(1)))));
                break;
            case 0x8B:
                Push(Big(new BigInteger(Bytes(Whole(4) is <= 64 and var length ? length
                    : throw Bad("a number in it has more than 64 bytes.")))));
                break;
            case 'G':
                _stream.ReadExactly(_number);
                Push(BinaryPrimitives.ReadDoubleBigEndian(_number));
                break;
            default:
                return false;
        }
        return true;
    }

    // Texts and bytes.
    private bool OfText(int operation)
    {
        switch (operation)
        {
            case 'S':
                Push(Unquoted(Line()));
                break;
            case 'V':
                Push(Unescaped(Line()));
                break;
            case 'U':
                Push(Text8(Bytes(Whole(1))));
                break;
            case 'T':
                Push(Text8(Bytes(Whole(4))));
                break;
            case 'C':
                Push(Bytes(Whole(1)));
                break;
            case 'B':
                Push(Bytes(Whole(4)));
                break;
            case 0x8E or 0x96:
                Push(Bytes(Whole(8)));
                break;
            case 0x8C:
                Push(Encoding.UTF8.GetString(Bytes(Whole(1))));
                break;
            case 'X':
                Push(LongText(Whole(4)));
                break;
            case 0x8D:
                Push(LongText(Whole(8)));
                break;
            default:
                return false;
        }
        return true;
    }

    // Tuples and lists.
    private bool OfSequence(int operation)
    {
        switch (operation)
        {
            case ')':
                Push(new PickledTuple([]));
                break;
            case 't':
                Push(new PickledTuple(PopToMark()));
                break;
            case >= 0x85 and <= 0x87:
                int count = operation - 0x84;
                object?[] items = [.. _stack.GetRange(_stack.Count - count, count)];
                _stack.RemoveRange(_stack.Count - count, count);
                Push(new PickledTuple(items));
                break;
            case ']':
                Push(new List<object?>());
                break;
            case 'l':
                Push(new List<object?>(PopToMark()));
                break;
            case 'a':
                object? item = Pop();
                if (!IsPlaceholder())
                    Top<List<object?>>().Add(item);
                break;
            case 'e':
                object?[] more = PopToMark();
                if (!IsPlaceholder())
                    Top<List<object?>>().AddRange(more);
                break;
            default:
                return false;
        }
        return true;
    }

    // Dictionaries and sets.
    private bool OfDictionary(int operation)
    {
        switch (operation)
        {
            case '}':
                Push(new PickledDictionary());
                break;
            case 'd':
                var dictionary = new PickledDictionary();
                SetItems(dictionary, PopToMark());
                Push(dictionary);
                break;
            case 's':
                object? value = Pop();
                object? key = Pop();
                if (!IsPlaceholder())
                    SetItems(Top<PickledDictionary>(), [key, value]);
                break;
            case 'u':
                object?[] pairs = PopToMark();
                if (!IsPlaceholder())
                    SetItems(Top<PickledDictionary>(), pairs);
                break;
            case 0x8F:
                Push(new PickledSet(new List<object?>()));
                break;
            case 0x90:
                object?[] elements = PopToMark();
                if (IsPlaceholder())
                    break;
                Is<List<object?>>(Top<PickledSet>().Items).AddRange(elements);
                break;
            case 0x91:
                Push(new PickledSet(PopToMark()));
                break;
            default:
                return false;
        }
        return true;
    }

    // The memo.
    private bool OfMemo(int operation)
    {
        switch (operation)
        {
            case 'g':
                Push(_memo[long.Parse(Digits(), CultureInfo.InvariantCulture)]);
                break;
            case 'h':
                Push(_memo[Whole(1)]);
                break;
            case 'j':
                Push(_memo[Whole(4)]);
                break;
            case 'p':
                Remember(long.Parse(Digits(), CultureInfo.InvariantCulture));
                break;
            case 'q':
                Remember(Whole(1));
                break;
            case 'r':
                Remember(Whole(4));
                break;
            case 0x94:
                Remember(_memo.Count);
                break;
            default:
                return false;
        }
        return true;
    }

    // Names, and objects created from them.
    private bool OfObject(int operation)
    {
        switch (operation)
        {
            case 'c':
                Push(Named(Line(), Line()));
                break;
            case 0x93:
                string name = Pop<string>();
                Push(Named(Pop<string>(), name));
                break;
            case 0x92:
                // A class, its arguments, and its keyword arguments, which are ignored.
                Pop();
                PickledTuple positional = Pop<PickledTuple>();
                Push(Call(Pop<PickledName>(), positional.Items));
                break;
            case 'R' or 0x81:
                PickledTuple arguments = Pop<PickledTuple>();
                Push(Call(Pop<PickledName>(), arguments.Items));
                break;
            case 'i':
                PickledName called = Named(Line(), Line());
                Push(Call(called, PopToMark()));
                break;
            case 'o':
                object?[] parts = PopToMark();
                Push(parts.Length > 0 ? Call(Is<PickledName>(parts[0]), parts[1..]) : throw Bad("an object in it has no class."));
                break;
            case 'b':
                object? state = Pop();
                // The state of a dictionary is its attributes besides the items: the versions of torch's modules, which are ignored.
                if (_stack is not [.., PickledDictionary])
                    Top<PickledCall>().State = state;
                // Joblib writes the bytes of an array right after its description.
                if (_stack is [.., PickledCall { Name: JoblibArray } array])
                    ReadJoblibNumbers(array);
                break;
            case 'P':
                Push(Persistent(Line()));
                break;
            case 'Q':
                Push(Persistent(Pop()));
                break;
            default:
                return false;
        }
        return true;
    }

    private PickledName Named(string module, string name)
    {
        string full = $"{module}.{name}";
        return PickleNames.IsAllowed(module, name) ? new PickledName(full)
            : throw Bad($"the pickle refers to '{full}', which is not allowed in model files; no code in it was executed.");
    }

    private object Call(PickledName called, object?[] arguments)
    {
        switch (called.FullName)
        {
            case "_codecs.encode" when arguments is [string text, "latin1" or "latin-1" or "iso-8859-1", ..]:
                Copied(text.Length);
                byte[] bytes = new byte[text.Length];
                for (int i = 0; i < bytes.Length; i++)
                    bytes[i] = text[i] < 256 ? (byte)text[i] : throw Bad("bytes in it are written as characters beyond 255.");
                return bytes;
            case "_codecs.encode" when arguments is [byte[] already, ..]:
                return already;
            case "__builtin__.bytearray" or "builtins.bytearray" or "builtins.bytes" when arguments is [byte[] raw]:
                return raw;
            case "builtins.bytes" or "__builtin__.bytes" or "__builtin__.bytearray" or "builtins.bytearray" when arguments.Length == 0:
                return Array.Empty<byte>();
            case "collections.OrderedDict" or "collections.defaultdict" or "collections.Counter":
                var dictionary = new PickledDictionary();
                if (arguments is [PickledDictionary counted])
                {
                    foreach ((object key, object? value) in counted)
                    {
                        Count();
                        dictionary[key] = value;
                    }
                }
                if (arguments is [List<object?> pairs])
                {
                    foreach (object? pair in pairs)
                    {
                        Count();
                        SetItem(dictionary, pair);
                    }
                }
                return dictionary;
            case "__builtin__.set" or "builtins.set":
                return new PickledSet(arguments is [List<object?> items] ? items : []);
            case "copy_reg._reconstructor" or "copyreg._reconstructor" when arguments is [PickledName type, ..]:
                return new PickledCall(type.FullName, []);
            default:
                return new PickledCall(called.FullName, arguments);
        }
    }

    private bool IsPlaceholder() => _stack is [.., PickledCall { Name: var name }] && !PickleNames.IsKnown(name);

    // The form in which numpy pickles an array: version, shape, type, order, bytes.
    private void ReadJoblibNumbers(PickledCall wrapper)
    {
        if (wrapper["shape"] is not PickledTuple shape
            || wrapper["dtype"] is not PickledCall { Name: "numpy.dtype", Arguments: [string type, ..] } dtype
            || wrapper["order"] is not string order)
            throw Bad("an array of joblib in it lacks a shape, type or order.");
        string digits = type.TrimStart('<', '>', '=', '|')[1..];
        if (type.Contains('O') || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int size))
            throw Bad($"an array of joblib in it has elements of the type '{type}', which is not numeric.");
        double bytes = shape.Items.Aggregate((double)size, (product, side) => product * (side is long and >= 0 ? (long)side : double.NaN));
        if (wrapper["numpy_array_alignment_bytes"] is not null)
            Bytes(Whole(1));
        if (!(bytes <= Array.MaxLength))
            throw Bad("an array of joblib in it has an invalid shape.");
        wrapper.Become("numpy.core.multiarray._reconstruct", new PickledTuple([1L, shape, dtype, order == "F", Bytes((long)bytes)]));
    }

    private object? Persistent(object? id) =>
        _persistent is null ? throw Bad("it refers to persistent ids, which only checkpoints may contain.") : _persistent(id);

    private void SetItems(PickledDictionary dictionary, object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw new FormatException();
        for (int i = 0; i < pairs.Length; i += 2)
            dictionary[Key(pairs[i])] = pairs[i + 1];
    }

    // One key and one value. A longer list, copied at every reference, would make the run time quadratic in the length of the file.
    private void SetItem(PickledDictionary dictionary, object? pair)
    {
        IReadOnlyList<object?> items = pair is PickledTuple tuple ? tuple.Items : Is<List<object?>>(pair);
        if (items.Count != 2)
            throw Bad($"a pair of an OrderedDict in it has {items.Count} elements; two are allowed.");
        dictionary[Key(items[0])] = items[1];
    }

    // A key is hashed at every use, so its length is limited.
    private object Key(object? key) => key switch
    {
        null => throw new FormatException(),
        // A Python 2 text written by Python 3.
        byte[] { Length: <= MaximumKey } bytes => Encoding.Latin1.GetString(bytes),
        string { Length: > MaximumKey } text =>
            throw Bad($"a key of a dictionary in it has {text.Length} characters, which is longer than the {MaximumKey} that are allowed."),
        _ => key,
    };

    private void Remember(long place)
    {
        Count();
        _memo[place is >= 0 and <= ReadBudget.MostItems ? place
            : throw Bad($"it stores an object at the memo index {place}; 0 to {ReadBudget.MostItems} are allowed.")] = _stack[^1];
    }

    private void Push(object? value)
    {
        Count();
        _stack.Add(value);
    }

    private object? Pop()
    {
        int floor = _marks.Count > 0 ? _marks.Peek() : 0;
        if (_stack.Count <= floor)
            throw new InvalidOperationException();
        object? top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private T Pop<T>() where T : class => Is<T>(Pop());

    private T Top<T>() where T : class => Is<T>(_stack[^1]);

    private T Is<T>(object? item) where T : class =>
        item as T ?? throw Bad($"the pickle in it is damaged: there is {item?.GetType().Name ?? "nothing"} where "
        + $"{typeof(T).Name} is expected.");

    private object?[] PopToMark()
    {
        int mark = _marks.Pop();
        object?[] items = [.. _stack.GetRange(mark, _stack.Count - mark)];
        _stack.RemoveRange(mark, items.Length);
        return items;
    }

    private void Count() => _budget.TakeItems(1, "objects in its pickles");

    // Repeated copies of a text must not grow beyond what the file could contain.
    private void Copied(long bytes)
    {
        _copied += bytes;
        if (_copied > 4 * _stream.Length + (1 << 20))
            throw Bad("the pickle in it copies its strings too often.");
    }

    private long Whole(int bytes)
    {
        Array.Clear(_number);
        _stream.ReadExactly(_number, 0, bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(_number);
    }

    private byte[] Bytes(long length)
    {
        if (length < 0 || length > Math.Min(_stream.Length - _stream.Position, Array.MaxLength))
            throw Bad($"the pickle in it claims {length} bytes, but {_stream.Length - _stream.Position} are left.");
        byte[] bytes = new byte[length];
        _stream.ReadExactly(bytes);
        return bytes;
    }

    // A Python 2 text: short ones (names) become texts, long ones (array data) stay bytes.
    private static object Text8(byte[] bytes) => bytes.Length <= ShortText ? Encoding.Latin1.GetString(bytes) : bytes;

    // Python 3 writes large arrays as UTF-8 of Latin-1; they are decoded piece by piece.
    private string LongText(long length)
    {
        if (length < 0 || length > Math.Min(_stream.Length - _stream.Position, int.MaxValue / 2))
            throw Bad($"the pickle in it claims a string of {length} bytes, but {_stream.Length - _stream.Position} are left.");
        var text = new StringBuilder();
        Decoder decoder = Encoding.UTF8.GetDecoder();
        byte[] piece = new byte[Math.Min(length, Piece)];
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(piece.Length)];
        for (long left = length; left > 0;)
        {
            int take = (int)Math.Min(left, piece.Length);
            _stream.ReadExactly(piece, 0, take);
            left -= take;
            text.Append(characters, 0, decoder.GetChars(piece, 0, take, characters, 0, flush: left == 0));
        }
        return text.ToString();
    }

    private string Line()
    {
        var line = new StringBuilder();
        for (int b; (b = _stream.ReadByte()) != '\n';)
        {
            if (b < 0)
                throw new EndOfStreamException();
            line.Append((char)b);
            if (line.Length > MaximumLine)
                throw Bad($"a line of the pickle in it is longer than {MaximumLine} characters.");
        }
        return line.ToString().TrimEnd('\r');
    }

    private string Digits() => Line() is { Length: <= MaximumDigits } digits ? digits
        : throw Bad($"a number in it has more than {MaximumDigits} digits.");

    private static object Big(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : (double)value;

    // 'text' in quotes, with Python's escapes; a Python 2 text.
    private static object Unquoted(string line)
    {
        if (line.Length < 2 || line[0] != line[^1] || line[0] is not ('\'' or '"'))
            throw new FormatException();
        var bytes = new List<byte>(line.Length);
        for (int i = 1; i < line.Length - 1; i++)
        {
            if (line[i] != '\\')
            {
                bytes.Add((byte)line[i]);
                continue;
            }
            char escape = line[++i];
            switch (escape)
            {
                case 'x':
                    bytes.Add(byte.Parse(line.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case >= '0' and <= '7':
                    int end = i + 1;
                    while (end < Math.Min(i + 3, line.Length - 1) && line[end] is >= '0' and <= '7')
                        end++;
                    bytes.Add((byte)Convert.ToInt32(line[i..end], 8));
                    i = end - 1;
                    break;
                default:
                    bytes.Add(escape switch { 'n' => (byte)'\n', 'r' => (byte)'\r', 't' => (byte)'\t', 'a' => 7, 'b' => 8, 'f' => 12, 'v' =>
                        11, _ => (byte)escape });
                    break;
            }
        }
        return Text8([.. bytes]);
    }

    // The raw-unicode-escape encoding of protocol 0.
    private static string Unescaped(string line)
    {
        if (!line.Contains('\\'))
            return line;
        var text = new StringBuilder(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            bool four = line[i] == '\\' && i + 5 < line.Length && line[i + 1] == 'u', eight = line[i] == '\\' && i + 9 < line.Length
                && line[i + 1] == 'U';
            if (!four && !eight)
            {
                text.Append(line[i]);
                continue;
            }
            int digits = four ? 4 : 8;
            text.Append(char.ConvertFromUtf32(
                int.Parse(line.AsSpan(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
            i += 1 + digits;
        }
        return text.ToString();
    }

    private ModelFileException Bad(string reason) => new(_source, null, reason);
}
