/// Text form: `2026-11-21T10:00:00.123456Z`.
extension Timestamp: LosslessStringConvertible, Codable {
    /// Reads ISO 8601 with a zone, and Postgres' own form `2026-11-21 10:00:00.123456+00`.
    ///
    /// Years 1900 to 9998; the zone is required, because a time without one means another moment to every reader.
    package init?(_ description: String) {
        var reader = TimestampReader(description.utf8[...])
        guard let time = reader.read() else { return nil }
        self = time
    }

    package var description: String {
        let day = Int(self.microseconds.floorDivided(by: 86_400_000_000))
        let inDay = self.microseconds - Int64(day) * 86_400_000_000
        let date = CivilDate(daysSince1970: day)
        var text: [UInt8] = []
        text.reserveCapacity(27)
        func append(_ value: Int, digits: Int) {
            var divisor = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                text.append(UInt8(48 + value / divisor % 10))
                divisor /= 10
            }
        }
        append(date.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        append(date.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        append(date.day, digits: 2)
        text.append(UInt8(ascii: "T"))
        append(Int(inDay / 3_600_000_000), digits: 2)
        text.append(UInt8(ascii: ":"))
        append(Int(inDay / 60_000_000 % 60), digits: 2)
        text.append(UInt8(ascii: ":"))
        append(Int(inDay / 1_000_000 % 60), digits: 2)
        text.append(UInt8(ascii: "."))
        append(Int(inDay % 1_000_000), digits: 6)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 time with a zone")
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }
}

/// A day of the proleptic Gregorian calendar, by the formulas of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
private struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        self.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    /// Nil when there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1900...9998).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    var daysSince1970: Int {
        let year = self.month <= 2 ? self.year - 1 : self.year
        let era = year.floorDivided(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (self.month > 2 ? self.month - 3 : self.month + 9) + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

private struct TimestampReader {
    private var rest: Substring.UTF8View

    init(_ text: Substring.UTF8View) {
        self.rest = text
    }

    mutating func read() -> Timestamp? {
        guard let year = self.number(4), self.take("-"), let month = self.number(2), self.take("-"),
            let day = self.number(2), let date = CivilDate(year: year, month: month, day: day),
            self.take("T") || self.take("t") || self.take(" "),
            let hour = self.number(2), hour < 24, self.take(":"), let minute = self.number(2), minute < 60,
            self.take(":"), let second = self.number(2), second < 60,
            let fraction = self.fraction(), let offset = self.offset(), self.rest.isEmpty
        else { return nil }
        let seconds = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        return Timestamp(microseconds: seconds * 1_000_000 + Int64(fraction))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard self.rest.first == UInt8(ascii: character) else { return false }
        self.rest.removeFirst()
        return true
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard self.rest.count >= digits else { return nil }
        var value = 0
        for byte in self.rest.prefix(digits) {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        self.rest = self.rest.dropFirst(digits)
        return value
    }

    /// Microseconds; digits beyond the sixth are cut off, more than nine refused.
    private mutating func fraction() -> Int? {
        guard self.take(".") else { return 0 }
        let digits = self.rest.prefix { (48...57).contains($0) }
        guard (1...9).contains(digits.count) else { return nil }
        self.rest = self.rest.dropFirst(digits.count)
        var value = 0
        for index in 0..<6 {
            let digit = digits.dropFirst(index).first.map { Int($0 - 48) } ?? 0
            value = value * 10 + digit
        }
        return value
    }

    /// Seconds east of UTC: `Z`, `+01:00`, `+0100` or `+01`.
    private mutating func offset() -> Int? {
        if self.take("Z") || self.take("z") { return 0 }
        let sign = self.take("-") ? -1 : 1
        guard sign == -1 || self.take("+"), let hours = self.number(2), hours <= 15 else { return nil }
        guard !self.rest.isEmpty else { return sign * hours * 3600 }
        _ = self.take(":")
        guard let minutes = self.number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

extension BinaryInteger {
    fileprivate func floorDivided(by divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
