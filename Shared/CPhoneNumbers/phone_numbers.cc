#include "CPhoneNumbers.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstdlib>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

// Made at its first use, in 5 ms; safe to use from many threads.
const PhoneNumberUtil &util() { return *PhoneNumberUtil::GetInstance(); }

herald_phone_outcome parse(const std::string &text, const std::string &region, PhoneNumber *number) {
    switch (util().Parse(text, region, number)) {
    case PhoneNumberUtil::NO_PARSING_ERROR: break;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return HERALD_PHONE_UNKNOWN_CALLING_CODE;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN: return HERALD_PHONE_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN: return HERALD_PHONE_TOO_LONG;
    default: return HERALD_PHONE_NO_NUMBER;
    }
    if (number->has_extension()) return HERALD_PHONE_HAS_EXTENSION;
    switch (util().IsPossibleNumberWithReason(*number)) {
    case PhoneNumberUtil::IS_POSSIBLE: return HERALD_PHONE_READ;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return HERALD_PHONE_UNKNOWN_CALLING_CODE;
    // Without its area code a number can be dialled at its own place only.
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
    case PhoneNumberUtil::TOO_SHORT: return HERALD_PHONE_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG: return HERALD_PHONE_TOO_LONG;
    default: return HERALD_PHONE_WRONG_LENGTH;
    }
}

// Whether a text without + is a number with + as well, of the same country, and another one than `national`: who writes
// 491711234567 in Germany means +49 171 1234567, and the numbering plan reads +49 4917 11234567.
bool has_second_reading(const std::string &text, const PhoneNumber &national) {
    PhoneNumber international;
    return parse("+" + text, "ZZ", &international) == HERALD_PHONE_READ
        && international.country_code() == national.country_code()
        && international.national_number() != national.national_number() && util().IsValidNumber(international);
}

herald_phone_outcome read(const std::string &text, const std::string &region, uint64_t *digits) {
    PhoneNumber number;
    const herald_phone_outcome outcome = parse(text, region, &number);
    if (outcome != HERALD_PHONE_READ) return outcome;
    if (text.find('+') == std::string::npos) {
        if (!util().IsValidNumber(number)) return HERALD_PHONE_NOT_IN_REGION;
        if (has_second_reading(text, number)) return HERALD_PHONE_AMBIGUOUS;
    }
    std::string e164;
    util().Format(number, PhoneNumberUtil::E164, &e164);
    // The longest possible number has 17 digits and a calling code begins with none that is 0.
    *digits = std::strtoull(e164.c_str() + 1, nullptr, 10);
    return HERALD_PHONE_READ;
}

}  // namespace

herald_phone_outcome herald_phone_read(const char *text, size_t length, const char *region, uint64_t *digits) {
    try {
        return read(std::string(text, length), region, digits);
    } catch (...) {
        return HERALD_PHONE_NO_NUMBER;
    }
}

herald_phone_details herald_phone_describe(const char *text, size_t length) {
    herald_phone_details details = {0, PhoneNumberUtil::UNKNOWN};
    try {
        PhoneNumber number;
        if (parse(std::string(text, length), "ZZ", &number) != HERALD_PHONE_READ) return details;
        std::string region;
        util().GetRegionCodeForNumber(number, &region);
        // "ZZ" is nowhere; three digits are numbers of no country, like +800.
        if (region.size() == 2 && region != "ZZ") {
            details.region = static_cast<uint16_t>(static_cast<uint8_t>(region[0]) << 8 | static_cast<uint8_t>(region[1]));
        }
        details.type = util().GetNumberType(number);
    } catch (...) {
    }
    return details;
}

bool herald_phone_knows_region(const char *region) {
    try {
        return util().GetCountryCodeForRegion(region) != 0;
    } catch (...) {
        return false;
    }
}
