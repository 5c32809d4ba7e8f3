using Confluent.Kafka;
using Pathway.Core;

namespace Pathway.Connectors.Kafka;

/// <summary>Kafka's errors as failures of ours: fenced, data that can't be written, faults that pass, faults that don't.</summary>
internal static class KafkaErrors
{
    /// <summary>The failure for an error that was met while doing something.</summary>
    /// <param name="error">What the client said.</param>
    /// <param name="doing">What was being done, as the beginning of a sentence: "Delivering to Kafka".</param>
    /// <param name="cause">The client's exception.</param>
    public static PathwayException ToFailure(Error error, string doing, Exception? cause = null)
    {
        if (IsFenced(error.Code))
            return new FencedException($"{doing} failed: another producer took our place, or the broker timed our transaction out ({error.Reason}).", cause) { IsTransient = false };
        if (IsTooLarge(error.Code))
            return new BadDataException($"{doing} failed: a record or batch is larger than the topic allows ({error.Reason}). Raise max.message.bytes of the topic, or make rows smaller.", cause);
        return new ConnectorException($"{doing} failed: {error.Reason} ({error.Code}).", cause) { IsTransient = !IsLasting(error.Code) };
    }

    public static bool IsFenced(ErrorCode code) => code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    public static bool IsTooLarge(ErrorCode code) => code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize;

    /// <summary>Whether trying again can't help, before somebody changes rights, settings or data.</summary>
    public static bool IsLasting(ErrorCode code) => code is
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed
        or ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication or ErrorCode.UnsupportedSaslMechanism or ErrorCode.IllegalSaslState
        or ErrorCode.InvalidTransactionTimeout or ErrorCode.UnsupportedVersion or ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedForMessageFormat
        or ErrorCode.SecurityDisabled or ErrorCode.Local_InvalidArg or ErrorCode.TopicException or ErrorCode.PolicyViolation or ErrorCode.InvalidConfig
        or ErrorCode.InvalidReplicationFactor or ErrorCode.InvalidPartitions;

    /// <summary>Whether an error says that a connection or broker was lost, so that a request may have been sent twice.</summary>
    public static bool IsFaultOfConnection(ErrorCode code) => code is
        ErrorCode.Local_Transport or ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve or ErrorCode.Local_Ssl
        or ErrorCode.NetworkException or ErrorCode.RequestTimedOut or ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable;
}
