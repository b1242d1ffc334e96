import APIGateway
import NIOCore
import Testing

@Suite struct ElementCountTests {
    @Test(
        arguments: [
            ("", 0), ("{}", 0), (#"{"messages":[]}"#, 0), (#"{"messages":[{}]}"#, 1),
            (#"{"messages":[{"to":"a","list":[1,2,3]},{"to":"b"}]}"#, 2), (#"{ "ids" : [ "a" , "b,c]" , "\"]" ] }"#, 3),
            (#"{"ids":["a"],"more":["b","c"]}"#, 3), (#"{"filter":{"status":"failed,sent"}}"#, 0),
            ("[1,2,3]", 0), ("[[1,2],[3]]", 0), (#"{"a":[1,[2,3],null,true]}"#, 4), (#"{"m\"[":[1]}"#, 1),
            ("{]]]}{[", 0),
            (#"{"a":["#, 0), (#"{"a":[[[[1,2,3]]]]}"#, 1),
        ]
    )
    func elementsOfTheBodysArraysAreCounted(body: String, count: Int) {
        #expect(ElementCount.elements(in: ByteBuffer(string: body)) == count)
    }
}
