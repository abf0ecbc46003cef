namespace Concentrator.Accounting;

/// <summary>
/// Tells when a batch of messages has been dealt with: every output that it went to has delivered, dropped or refused all of it. It holds no
/// message, only how many each output's queue had accepted when the batch was in it. Any thread may ask.
/// <para>
/// The invariant behind it: a queue counts the messages that leave it, each in exactly one way, and knows a place up to which all have left
/// (<see cref="OutputCounters.SettledUpTo"/>). Blocks hold messages of several batches, and are cut and gathered; places do not change by it.
/// </para>
/// </summary>
/// <param name="places">The outputs, and the place of the last message that each had accepted.</param>
internal sealed class DeliveryReceipt(IReadOnlyList<(OutputCounters Output, long Place)> places)
{
    private int _settled;

    /// <summary>Whether everything is dealt with. Once true, it stays so. True for a batch that went nowhere. Call it from one thread.</summary>
    public bool IsSettled
    {
        get
        {
            while (_settled < places.Count && places[_settled].Output.SettledUpTo >= places[_settled].Place) _settled++;
            return _settled == places.Count;
        }
    }
}
