using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Pathway.Storage;

/// <summary>The native objects of one open database, and their end in the right order.</summary>
internal sealed class RocksHandles : IDisposable
{
    private const int UniversalCompaction = 1, TwoLevelIndex = 2, FlushedFiles = 2;    // as RocksDB numbers them

    /// <summary>Bytes of files to one of the cache from which on filters and indexes may not fit into it: with entries of a dozen bytes they take an eighth.</summary>
    private const int FilesToCacheMax = 8;

    private IntPtr _cache, _table;
    private bool _ownsCache;

    private RocksHandles()
    {
    }

    public IntPtr Db { get; private set; }

    public IntPtr Reads { get; private set; }

    /// <summary>The only column family.</summary>
    public IntPtr Family { get; private set; }

    /// <summary>The options that sorted files are written with.</summary>
    public IntPtr Options { get; private set; }

    public IntPtr Environment { get; private set; }

    public bool IsClosed => Db == IntPtr.Zero;

    public static RocksHandles Open(string folder, StateDbOptions options, bool readOnly = false, RocksHandles? cacheOf = null)
    {
        var handles = new RocksHandles();
        try
        {
            handles.Create(options, cacheOf, isLarge: BytesOfFiles(folder) > FilesToCacheMax * options.BlockCacheBytes);
            IntPtr error;
            handles.Db = readOnly ? OpenReadOnly(handles.Options, folder, out error) : StateDb.Api.rocksdb_open(handles.Options, folder, out error);
            RocksError.ThrowIf(error, folder);
            handles.Family = StateDb.Api.rocksdb_get_default_column_family_handle(handles.Db);
            return handles;
        }
        catch
        {
            handles.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var api = StateDb.Api;
        if (Family != IntPtr.Zero) api.rocksdb_column_family_handle_destroy(Family);
        if (Db != IntPtr.Zero) api.rocksdb_close(Db);
        if (Reads != IntPtr.Zero) api.rocksdb_readoptions_destroy(Reads);
        if (Environment != IntPtr.Zero) api.rocksdb_envoptions_destroy(Environment);
        if (Options != IntPtr.Zero) api.rocksdb_options_destroy(Options);
        if (_table != IntPtr.Zero) api.rocksdb_block_based_options_destroy(_table);
        if (_cache != IntPtr.Zero && _ownsCache) api.rocksdb_cache_destroy(_cache);
        (Db, Family, Reads, Environment, Options, _table, _cache) = (0, 0, 0, 0, 0, 0, 0);
    }

    private static IntPtr OpenReadOnly(IntPtr options, string folder, out IntPtr error)
    {
        var name = Marshal.StringToCoTaskMemUTF8(folder);
        try
        {
            return StateDb.Api.rocksdb_open_for_read_only(options, name, 0, out error);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }

    private static long BytesOfFiles(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*.sst").Sum(f => f.Length) : 0;

    private void Create(StateDbOptions options, RocksHandles? cacheOf, bool isLarge)
    {
        var api = StateDb.Api;
        _ownsCache = cacheOf is null;
        _cache = cacheOf?._cache ?? api.rocksdb_cache_create_hyper_clock((nuint)options.BlockCacheBytes, 0);    // without a lock; finds the size of blocks by itself
        _table = api.rocksdb_block_based_options_create();
        api.rocksdb_block_based_options_set_block_cache(_table, _cache);
        api.rocksdb_block_based_options_set_filter_policy(_table, api.rocksdb_filterpolicy_create_bloom_full(10));    // the table owns it
        api.rocksdb_block_based_options_set_format_version(_table, 5);
        api.rocksdb_block_based_options_set_block_size(_table, (nuint)2048);    // reads of single entries unpack half as much as with the usual 4096
        // Else indexes and filters of all files lie in memory beside the cache: two bytes a key.
        api.rocksdb_block_based_options_set_cache_index_and_filter_blocks(_table, 1);
        api.rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(_table, 1);
        // Every key is looked for in every file of level 0.
        api.rocksdb_block_based_options_set_unpartitioned_pinning_tier(_table, FlushedFiles);
        api.rocksdb_block_based_options_set_partition_pinning_tier(_table, FlushedFiles);
        if (isLarge)
        {
            // In one piece for each file they would push each other out of the cache. Else they lie so, since looking for the right part costs a fifth of a read.
            api.rocksdb_block_based_options_set_index_type(_table, TwoLevelIndex);
            api.rocksdb_block_based_options_set_partition_filters(_table, 1);
        }

        Options = api.rocksdb_options_create();
        api.rocksdb_options_set_create_if_missing(Options, 1);
        api.rocksdb_options_set_block_based_table_factory(Options, _table);
        api.rocksdb_options_set_paranoid_checks(Options, 1);
        api.rocksdb_options_set_max_background_jobs(Options, options.BackgroundJobs);
        api.rocksdb_options_set_compression(Options, (int)Compression.Lz4);
        api.rocksdb_options_set_target_file_size_base(Options, (ulong)(isLarge ? options.FileBytes : options.MergedFileBytes));
        SetCompaction(api);
        // Nothing is ever written but by ingestion, so no memtable comes into being: files up to one and a half times its size are what RocksDB takes for flushed ones.
        api.rocksdb_options_set_write_buffer_size(Options, (UIntPtr)(16 << 20));
        api.rocksdb_options_set_keep_log_file_num(Options, (UIntPtr)2);
        api.rocksdb_options_set_stats_dump_period_sec(Options, 0);
        api.rocksdb_options_set_max_open_files(Options, -1);

        Reads = api.rocksdb_readoptions_create();
        api.rocksdb_readoptions_set_verify_checksums(Reads, 1);
        Environment = api.rocksdb_envoptions_create();
    }

    // Checkpoints are small and their keys lie everywhere: with levels, each merge of a few of them writes all the rest again, which was a quarter of the processor time of a group-by. So they are merged with their like.
    private void SetCompaction(Native api)
    {
        api.rocksdb_options_set_compaction_style(Options, UniversalCompaction);
        api.rocksdb_options_set_level0_file_num_compaction_trigger(Options, 8);
        var universal = api.rocksdb_universal_compaction_options_create();
        // What lies above the oldest run, and may be doubled by it, is at most as large: so the files take up to twice what the state needs.
        api.rocksdb_universal_compaction_options_set_max_size_amplification_percent(universal, 100);
        api.rocksdb_options_set_universal_compaction_options(Options, universal);
        api.rocksdb_universal_compaction_options_destroy(universal);
    }
}
