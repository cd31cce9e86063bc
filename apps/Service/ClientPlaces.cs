using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Service;

/// <summary>How many places each client holds, so that a few that send slowly cannot hold them all. A client is an IPv4 address, or the
/// network (64 bits) of an IPv6 address.</summary>
internal sealed class ClientPlaces(IOptions<ServiceOptions> options)
{
    private readonly Dictionary<IPAddress, int> _taken = [];

    /// <summary>Takes a place for a client; false if it has as many as it may.</summary>
    public bool TryEnter(IPAddress client)
    {
        lock (_taken)
        {
            int count = _taken.GetValueOrDefault(client);
            if (count >= options.Value.PlacesPerClient)
                return false;
            _taken[client] = count + 1;
            return true;
        }
    }

    /// <summary>Gives it back.</summary>
    public void Leave(IPAddress client)
    {
        lock (_taken)
        {
            if (--_taken[client] == 0)
                _taken.Remove(client);
        }
    }

    /// <summary>How many clients hold places.</summary>
    public int Clients
    {
        get
        {
            lock (_taken)
                return _taken.Count;
        }
    }

    /// <summary>Whose request it is.</summary>
    /// <param name="address">The address that the request comes from; null where there is none.</param>
    public static IPAddress ClientOf(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] network = address.GetAddressBytes();
        network.AsSpan(8).Clear();
        return new IPAddress(network);
    }
}
