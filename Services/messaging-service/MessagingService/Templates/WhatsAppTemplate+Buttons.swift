import Shared

extension WhatsAppTemplate {
    /// Reads the buttons of a component, and returns those that a message completes, or may.
    static func buttons(_ component: JSONValue, at path: String, _ fields: inout JSONFields) -> [Button] {
        guard let declared = component["buttons"]?.array, (1...10).contains(declared.count) else {
            fields.violation(at: path, "must be an array of 1 to 10 buttons")
            return []
        }
        var counts: [String: Int] = [:]
        var buttons: [Button] = []
        for (index, button) in declared.enumerated() {
            let path = "\(path)/\(index)"
            guard let type = button["type"]?.string?.uppercased() else {
                fields.violation(at: "\(path)/type", "is required")
                continue
            }
            counts[type, default: 0] += 1
            if let text = button["text"], !text.isNull, !(1...25).contains(text.string?.unicodeScalars.count ?? 0) {
                fields.violation(at: "\(path)/text", "must be a string of 1 to 25 characters")
            }
            guard let kind = self.kind(of: button, type, at: path, &fields) else { continue }
            buttons.append(Button(index: index, kind: kind))
        }
        for (type, most) in [("URL", 2), ("PHONE_NUMBER", 1), ("COPY_CODE", 1), ("OTP", 1)]
        where counts[type, default: 0] > most {
            fields.violation(at: path, "must have at most \(most) of the type \(type)")
        }
        return buttons
    }

    /// Nil for a button that says the same in every message.
    private static func kind(
        of button: JSONValue,
        _ type: String,
        at path: String,
        _ fields: inout JSONFields
    ) -> Button.Kind? {
        switch type {
        case "URL": return self.address(of: button, at: "\(path)/url", &fields)
        // Meta makes an address of it that carries the code.
        case "OTP": return .url(prefix: 0)
        case "COPY_CODE": return .code
        case "QUICK_REPLY": return .reply
        case "PHONE_NUMBER", "VOICE_CALL", "FLOW", "CATALOG", "MPM", "SPM", "APP": return nil
        default:
            fields.violation(
                at: "\(path)/type",
                "must be one of QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, OTP, VOICE_CALL, FLOW, CATALOG, MPM, SPM, APP"
            )
            return nil
        }
    }

    /// An address may have one variable, at its end.
    private static func address(
        of button: JSONValue,
        at path: String,
        _ fields: inout JSONFields
    ) -> Button.Kind? {
        guard let url = button["url"]?.string, (1...2000).contains(url.unicodeScalars.count) else {
            fields.violation(at: path, "must be a string of 1 to 2000 characters")
            return nil
        }
        guard let open = url.firstRange(of: "{{") else { return nil }
        let variable = url[open.lowerBound...]
        guard variable.hasSuffix("}}"), let names = try? TextTemplate(String(variable)).names, names.count == 1,
            variable.ranges(of: "{{").count == 1
        else {
            fields.violation(at: path, "must have one variable at most, at its end")
            return nil
        }
        return .url(prefix: url[..<open.lowerBound].utf8.count)
    }
}
