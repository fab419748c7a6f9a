package live

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxData bounds the data of one event in bytes: a page's part, not the page.
const maxData = 64 << 10

// frame writes one event in the form of text/event-stream (WHATWG HTML, 9.2.5). Line ends of any kind in data
// become data lines of their own, so data cannot begin another field or event; a browser sees them as line
// feeds. What is not UTF-8 in data is replaced, as a browser would.
func frame(event, id string, data []byte) ([]byte, error) {
	switch {
	case event == "" || !isField(event):
		return nil, fmt.Errorf("the event's name %q is not one line of text", event)
	case id == "" || !isField(id):
		return nil, fmt.Errorf("the event's id %q is not one line of text", id)
	case len(data) > maxData:
		return nil, fmt.Errorf("the event has %d bytes, at most %d are sent; publish where the content can be fetched", len(data), maxData)
	}
	data = bytes.ToValidUTF8(data, []byte("\ufffd"))
	out := make([]byte, 0, len("id: \nevent: \n\n")+len(id)+len(event)+len(data)+8*(2+bytes.Count(data, []byte("\n"))))
	out = append(out, "id: "...)
	out = append(out, id...)
	out = append(out, "\nevent: "...)
	out = append(out, event...)
	for more := true; more; {
		var line []byte
		line, data, more = cutLine(data)
		out = append(out, "\ndata: "...)
		out = append(out, line...)
	}
	return append(out, "\n\n"...), nil
}

// cutLine cuts at the first CR LF, CR or LF.
func cutLine(data []byte) (line, rest []byte, more bool) {
	i := bytes.IndexAny(data, "\r\n")
	if i < 0 {
		return data, nil, false
	}
	end := i + 1
	if data[i] == '\r' && end < len(data) && data[end] == '\n' {
		end++
	}
	return data[:i], data[end:], true
}

// isField tells whether s can be the value of a field: a browser ignores an id with a zero byte, and takes
// away a space at the beginning.
func isField(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsAny(s, "\r\n\x00") && !strings.HasPrefix(s, " ")
}

// errTopic: a topic or view without a name.
var errTopic = errors.New("the topic or the view has no name")
