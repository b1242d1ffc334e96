#include "CPhoneNumbers.h"
#include "known_numbers.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <array>
#include <cstdlib>
#include <set>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

namespace {

// Made at its first use, in 5 ms; safe to use from many threads.
const PhoneNumberUtil &util() { return *PhoneNumberUtil::GetInstance(); }

KnownNumbers known;

// Which numbers are calling codes; none begins with another one.
//
// Without those of Mexico and Belarus: what is a number there may be read as another one, without its national prefix.
std::array<bool, 1000> plain_calling_codes() {
    std::set<int> codes;
    util().GetSupportedCallingCodes(&codes);
    std::array<bool, 1000> found = {};
    for (const int code : codes) found[size_t(code)] = code != 52 && code != 375;
    return found;
}

// The digits of a text that is + and 7 to 15 of them, not beginning with 0; 0 of all others.
uint64_t plain_digits(const std::string &text) {
    if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return 0;
    if (text.find_first_not_of("0123456789", 1) != std::string::npos) return 0;
    return std::strtoull(text.c_str() + 1, nullptr, 10);
}

// Takes a number apart that stands as E.164 has it, without the patterns that a reading of any text takes.
bool take_apart(const std::string &text, PhoneNumber *number) {
    static const std::array<bool, 1000> codes = plain_calling_codes();
    size_t code = 0;
    for (size_t length = 1; length <= 3; length++) {
        code = code * 10 + size_t(text[length] - '0');
        if (!codes[code]) continue;
        const std::string national = text.substr(1 + length);
        const size_t zeros = national.find_first_not_of('0');
        if (zeros == std::string::npos) return false;
        number->set_country_code(int(code));
        number->set_national_number(std::strtoull(national.c_str(), nullptr, 10));
        if (zeros > 0) number->set_italian_leading_zero(true);
        if (zeros > 1) number->set_number_of_leading_zeros(int(zeros));
        return true;
    }
    return false;
}

herald_phone_details details_of(const PhoneNumber &number) {
    std::string region;
    util().GetRegionCodeForNumber(number, &region);
    herald_phone_details details = {0, util().GetNumberType(number)};
    // "ZZ" is nowhere; three digits are numbers of no country, like +800.
    if (region.size() == 2 && region != "ZZ") {
        details.region = static_cast<uint16_t>(static_cast<uint8_t>(region[0]) << 8 | static_cast<uint8_t>(region[1]));
    }
    return details;
}

// What is known of a text in E.164 as it stands, which is a possible number; false where that is not to be seen at once.
bool describe_plain(const std::string &text, herald_phone_details *details) {
    PhoneNumber number;
    if (!take_apart(text, &number)) return false;
    if (util().IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE) return false;
    *details = details_of(number);
    return true;
}

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

uint64_t e164_digits(const PhoneNumber &number) {
    std::string e164;
    util().Format(number, PhoneNumberUtil::E164, &e164);
    // The longest possible number has 17 digits and a calling code begins with none that is 0.
    return std::strtoull(e164.c_str() + 1, nullptr, 10);
}

herald_phone_outcome read(const std::string &text, const std::string &region, uint64_t *digits) {
    herald_phone_details details;
    const uint64_t plain = plain_digits(text);
    *digits = plain;
    if (known.find(plain, &details)) return HERALD_PHONE_READ;
    const bool is_plain = plain != 0 && describe_plain(text, &details);
    if (is_plain && details.type != PhoneNumberUtil::UNKNOWN) {
        known.keep(plain, details);
        return HERALD_PHONE_READ;
    }
    // In no range as it stands: a trunk digit may be the reason.
    PhoneNumber number;
    const herald_phone_outcome outcome = parse(text, region, &number);
    if (outcome != HERALD_PHONE_READ) return outcome;
    if (text.find('+') == std::string::npos) {
        if (!util().IsValidNumber(number)) return HERALD_PHONE_NOT_IN_REGION;
        if (has_second_reading(text, number)) return HERALD_PHONE_AMBIGUOUS;
    }
    *digits = e164_digits(number);
    if (*digits == plain) known.keep(plain, is_plain ? details : details_of(number));
    return HERALD_PHONE_READ;
}

herald_phone_details describe(const std::string &text) {
    herald_phone_details details = {0, PhoneNumberUtil::UNKNOWN};
    uint64_t digits = 0;
    if (read(text, "ZZ", &digits) != HERALD_PHONE_READ || known.find(digits, &details)) return details;
    PhoneNumber number;
    return parse(text, "ZZ", &number) == HERALD_PHONE_READ ? details_of(number) : details;
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
    try {
        return describe(std::string(text, length));
    } catch (...) {
        return {0, PhoneNumberUtil::UNKNOWN};
    }
}

bool herald_phone_knows_region(const char *region) {
    try {
        return util().GetCountryCodeForRegion(region) != 0;
    } catch (...) {
        return false;
    }
}
