package import Shared

// The domain's enums by the labels of their Postgres types, here and nowhere else: two services that both declared one
// could not be linked into one test.
extension AddressKind: PostgresValue {}
extension Category: PostgresValue {}
extension Channel: PostgresValue {}
extension Direction: PostgresValue {}
extension FailureClass: PostgresValue {}
extension KeyMode: PostgresValue {}
extension MessageStatus: PostgresValue {}
extension ProviderKind: PostgresValue {}
extension UncertainPolicy: PostgresValue {}
