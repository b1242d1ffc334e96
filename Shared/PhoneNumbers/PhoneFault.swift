import CPhoneNumbers
import Shared

/// Why a text of the right characters is no telephone number.
enum PhoneFault {
    case noNumber, unknownCallingCode, tooShort, tooLong, wrongLength, notInRegion, ambiguous, hasExtension

    /// Nil when it is one.
    init?(_ outcome: herald_phone_outcome) {
        switch outcome {
        case HERALD_PHONE_READ: return nil
        case HERALD_PHONE_UNKNOWN_CALLING_CODE: self = .unknownCallingCode
        case HERALD_PHONE_TOO_SHORT: self = .tooShort
        case HERALD_PHONE_TOO_LONG: self = .tooLong
        case HERALD_PHONE_WRONG_LENGTH: self = .wrongLength
        case HERALD_PHONE_NOT_IN_REGION: self = .notInRegion
        case HERALD_PHONE_AMBIGUOUS: self = .ambiguous
        case HERALD_PHONE_HAS_EXTENSION: self = .hasExtension
        default: self = .noNumber
        }
    }

    /// A sentence without its subject that says what to change.
    func reason(_ text: String, _ region: PhoneRegion?) -> String {
        let isInternational = text.contains("+")
        let place = isInternational ? "its country" : "the default region \(region?.rawValue ?? "")"
        switch self {
        case .noNumber: return "is no telephone number, like +14155550100"
        case .unknownCallingCode: return "begins with no country calling code that exists"
        case .tooShort:
            return
                "is too short for a telephone number of \(place): it needs its area code, and short codes can not be reached"
        case .tooLong: return "is too long for a telephone number of \(place)"
        case .wrongLength: return "has a length that no telephone number of \(place) has"
        case .notInRegion:
            return "is no telephone number of \(place); one of another country begins with + and its calling code"
        case .ambiguous:
            return "can be read in two ways: write it with + and the country calling code"
        case .hasExtension: return "must not have an extension: only a whole telephone number can be reached"
        }
    }
}
