using System.Text;
using CsCheck;
using Pathway.Checkpointing;
using Pathway.Core;
using Pathway.Storage;
using Pathway.Tests.Unit.Storage.Logs;

namespace Pathway.Tests.Unit.Checkpointing;

/// <summary>What is delivered from the log is what went into it, whether it was compressed or not.</summary>
[Trait("suite", "unit")]
public sealed class OutputRecordTests
{
    private const string LogFolder = "/log";

    [Fact]
    public void Append_RowsOfAnySizeAndSameness_AreReadAsTheyWere() => Gen.Int[0, int.MaxValue].Sample(
        seed =>
        {
            var (random, compression, expected) = (new Random(seed), new OutputCompression(), new List<string>());
            using var log = Open(new ForgetfulDisk());
            for (ulong commit = 1; commit <= 3; commit++)
            {
                using var output = new OutputBuffer();
                for (var rows = random.Next(200); rows > 0; rows--)
                {
                    var (topic, key, value) = ($"topic-{random.Next(3)}", BitConverter.GetBytes(random.Next()), Value(random));
                    output.Add(topic, key, value, hasValue: value.Length > 0);
                    expected.Add($"{topic} {Convert.ToHexString(key)} {Convert.ToHexString(value)}");
                }

                OutputRecord.Append(log, "kafka", output, compression);
                log.Close(new CommitNumber(commit), default);
                log.Sync();
            }

            Assert.Equal(expected, Read(log));
        },
        iter: 100);

    [Fact]
    public void Append_RowsThatAreMuchTheSame_TakeAFractionOfTheLog()
    {
        var disk = new ForgetfulDisk();
        using var log = Open(disk);
        using var output = new OutputBuffer();
        for (var i = 0; i < 10_000; i++) output.Add("orders", BitConverter.GetBytes(i), Encoding.UTF8.GetBytes($$"""{"before":null,"after":{"id":{{i}},"status":"open","note":"note number {{i}}"},"source":{"connector":"postgresql","table":"orders"},"op":"c"}"""));
        OutputRecord.Append(log, "kafka", output, new OutputCompression());
        log.Close(new CommitNumber(1), default);
        log.Sync();
        var length = disk[Path.Combine(LogFolder, disk.List(LogFolder)[0])].Length;
        Assert.True(length * 4 < output.Bytes.Length, $"{length} bytes of the log for {output.Bytes.Length} of output");
    }

    [Fact]
    public void Read_ARecordWrittenBeforeThereWasCompression_IsTakenAsItIs()
    {
        using var log = Open(new ForgetfulDisk());
        using var output = new OutputBuffer();
        output.Add("t", "k"u8, "v"u8);
        log.Append(RecordKind.Output, "\u0005kafka\u0001\0\0\0\u0001\0\u0001\0t"u8, output.Bytes.Span);
        log.Close(new CommitNumber(1), default);
        log.Sync();
        Assert.Equal(["t 6B 76"], Read(log));
    }

    private static CommitLog Open(ForgetfulDisk disk) => CommitLog.Open(disk, LogFolder, default, new CommitLogOptions { ReserveBytes = 0 });

    // Nothing, the same byte again and again, noise, or long noise, which doesn't get smaller.
    private static byte[] Value(Random random)
    {
        var value = new byte[random.Next(4) switch { 0 => 0, 1 => random.Next(300), 2 => random.Next(20), _ => random.Next(5000) }];
        if (random.Next(2) == 0) random.NextBytes(value);
        return value;
    }

    private static List<string> Read(CommitLog log)
    {
        var marker = new Marker(new PipelineId(Guid.Empty), new Incarnation(Guid.Empty), "kafka", CommitNumber.None, 0, true, Frontier.Empty);
        using var reader = new OutputReader(log, "kafka", marker);
        var rows = new List<string>();
        while (true)
        {
            switch (reader.Next(out var row))
            {
                case OutputReader.Step.Row: rows.Add($"{row.Destination} {Convert.ToHexString(row.Key)} {Convert.ToHexString(row.Value)}"); break;
                case OutputReader.Step.CaughtUp: return rows;
            }
        }
    }
}
