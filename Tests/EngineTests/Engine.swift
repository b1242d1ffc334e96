import Installation
import Testing

/// The delivery engine as it is deployed: programs in processes of their own, killed and started again.
///
/// One test at a time, because each needs the whole machine; so this target runs by itself, as `EndToEndTests` does. Nothing
/// here knows the engine from inside: it uses the public API, the provider stub's ledger, and signals.
///
/// - `HERALD_SEED`: repeats the random choices of an earlier run, which printed it.
/// - `HERALD_LONG=1`: the whole form of each test instead of the short one.
/// - `HERALD_BIN`: the directory of the programs, `.build/debug` unless told; limits are tighter for `.build/release`.
/// - `HERALD_KEEP=1`: keeps each test's folder with logs and workers' state, as a test that throws does.
@Suite(.serialized) enum Engine {}
