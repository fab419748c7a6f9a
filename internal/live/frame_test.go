package live

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFrame(t *testing.T) {
	tests := []struct {
		event, id, data string
		want            string // empty: refused
	}{
		{"floor", "7", "one line", "id: 7\nevent: floor\ndata: one line\n\n"},
		{"floor", "7", "", "id: 7\nevent: floor\ndata: \n\n"},
		{"floor", "7", "a\nb", "id: 7\nevent: floor\ndata: a\ndata: b\n\n"},
		{"floor", "7", "a\r\nb\rc\n", "id: 7\nevent: floor\ndata: a\ndata: b\ndata: c\ndata: \n\n"},
		{"floor", "7", "a\r\rb", "id: 7\nevent: floor\ndata: a\ndata: \ndata: b\n\n"},
		{"floor", "7", "a\n\nid: 9\nevent: b", "id: 7\nevent: floor\ndata: a\ndata: \ndata: id: 9\ndata: event: b\n\n"},
		{"floor", "7", " الكلمة", "id: 7\nevent: floor\ndata:  الكلمة\n\n"},
		{"floor", "7", "\xff", "id: 7\nevent: floor\ndata: \ufffd\n\n"},
		{"floor\n", "7", "", ""},
		{"fl\roor", "7", "", ""},
		{"", "7", "", ""},
		{"floor", "", "", ""},
		{"floor", "7\n\ndata: x", "", ""},
		{"floor", "7\x00", "", ""},
		{"floor", " 7", "", ""},
		{"floor", "\xff", "", ""},
		{"floor", "7", strings.Repeat("x", maxData+1), ""},
	}
	for _, test := range tests {
		got, err := frame(test.event, test.id, []byte(test.data))
		if string(got) != test.want || (err == nil) != (test.want != "") {
			t.Errorf("frame(%q, %q, %.20q) = %q, %v", test.event, test.id, test.data, got, err)
		}
	}
}

// message is what a browser makes of an event.
type message struct{ event, id, data string }

// parse reads text/event-stream as WHATWG HTML, 9.2.6, says a browser does.
func parse(text string) (all []message) {
	var m message
	var data strings.Builder
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	for _, line := range lines[:len(lines)-1] {
		if line == "" {
			if data.Len() > 0 {
				m.data = strings.TrimSuffix(data.String(), "\n")
				all = append(all, m)
			}
			m.event = ""
			data.Reset()
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			m.event = value
		case "id":
			if !strings.Contains(value, "\x00") {
				m.id = value
			}
		case "data":
			data.WriteString(value + "\n")
		}
	}
	return all
}

// FuzzFrame holds that a browser gets from a frame exactly one event, and exactly ours.
func FuzzFrame(f *testing.F) {
	f.Add("floor", "7", []byte("a\r\nb\rc\n\nid: 9"))
	f.Add("reload", "x.1", []byte{})
	f.Add(" a", "b ", []byte("\xff\x00:"))
	f.Fuzz(func(t *testing.T, event, id string, data []byte) {
		out, err := frame(event, id, data)
		if err != nil {
			return
		}
		if !utf8.Valid(out) {
			t.Fatalf("not UTF-8: %q", out)
		}
		want := message{event, id, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(string(data), "\ufffd"))}
		if got := parse(string(out)); len(got) != 1 || got[0] != want {
			t.Errorf("%q is read as %q, want %q", out, got, want)
		}
	})
}
