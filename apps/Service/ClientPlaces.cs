using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Service;

/// <summary>Limits the places of each client, so that a few slow clients cannot hold them all. A client is an IPv4 address, or the
/// network (64 bits) of an IPv6 address.</summary>
internal sealed class ClientPlaces(IOptions<ServiceOptions> options)
{
    private readonly Dictionary<IPAddress, int> _taken = [];

    /// <summary>Takes a place for a client; false if it holds the maximum already.</summary>
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

    /// <summary>Gives a place back.</summary>
    public void Leave(IPAddress client)
    {
        lock (_taken)
        {
            if (--_taken[client] == 0)
                _taken.Remove(client);
        }
    }

    /// <summary>The number of clients that hold places.</summary>
    public int Clients
    {
        get
        {
            lock (_taken)
                return _taken.Count;
        }
    }

    /// <summary>Returns the client of a request.</summary>
    /// <param name="address">The remote address of the request; null if there is none.</param>
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
