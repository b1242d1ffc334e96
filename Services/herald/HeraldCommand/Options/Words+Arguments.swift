import ArgumentParser
import Shared

// The parser lists the values of an enumeration in the help, and in the error about any other.
extension Channel: ExpressibleByArgument {}
extension ProviderKind: ExpressibleByArgument {}
extension Category: ExpressibleByArgument {}
extension Direction: ExpressibleByArgument {}
extension UncertainPolicy: ExpressibleByArgument {}
