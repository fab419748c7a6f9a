package programme

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rostrum.example/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

// sample is a calendar with everything that is awkward: two zones' rules, long lines in three scripts, and text that
// needs escaping.
func sampleCalendar(t testing.TB) calendar {
	t.Helper()
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	return calendar{
		Name: "Exercise, dialogue; \\ sample", Stamp: time.Date(2026, 10, 1, 9, 30, 0, 0, time.UTC), Zone: vienna,
		Events: []event{
			{UID: "exercise.morning@record.example.org", Start: time.Date(2026, 10, 23, 10, 0, 0, 0, vienna), End: time.Date(2026, 10, 23, 13, 0, 0, 0, vienna),
				Summary: "Dialogue, first day; “opening”", Description: "• Opening\n• Briefing\\update\n• " + strings.Repeat("Réunion des États ", 9), Place: "Boardroom D", URL: "http://localhost:8053/en/programme/exercise", Lang: "fr"},
			{UID: "exercise.afternoon@record.example.org", Sequence: 3, Start: time.Date(2026, 10, 26, 15, 0, 0, 0, vienna), End: time.Date(2026, 10, 26, 18, 0, 0, 0, vienna),
				Summary: strings.Repeat("حوار تدريبي ", 12), Lang: "ar"},
			{UID: "exercise.evening@record.example.org", Sequence: 1, Cancelled: true, Start: time.Date(2026, 10, 26, 19, 0, 0, 0, vienna), End: time.Date(2026, 10, 26, 20, 0, 0, 0, vienna), Summary: "对话" + strings.Repeat("移民", 30)},
		},
	}
}

// checkLines holds what RFC 5545, 3.1 asks of lines.
func checkLines(t *testing.T, body []byte) {
	t.Helper()
	if !bytes.HasSuffix(body, []byte("\r\n")) {
		t.Error("the last line does not end")
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(body), "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Errorf("line %d has %d octets", i+1, len(line))
		}
		if !utf8.ValidString(line) {
			t.Errorf("line %d cuts a character in two", i+1)
		}
		if strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %d holds a bare line break", i+1)
		}
	}
}

func TestCalendarGolden(t *testing.T) {
	got := sampleCalendar(t).write()
	checkLines(t, got)
	const golden = "testdata/calendar.ics"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the calendar is\n%s\nwant\n%s", got, want)
	}
}

// TestZones holds the rules that are written for zones of every kind.
func TestZones(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/Vienna":    "BEGIN:DAYLIGHT|DTSTART:20260329T020000|TZOFFSETFROM:+0100|TZOFFSETTO:+0200|TZNAME:CEST|END:DAYLIGHT",
		"America/New_York": "BEGIN:DAYLIGHT|DTSTART:20260308T020000|TZOFFSETFROM:-0500|TZOFFSETTO:-0400|TZNAME:EDT|END:DAYLIGHT",
		"Asia/Kolkata":     "TZOFFSETFROM:+0630|TZOFFSETTO:+0530|TZNAME:IST|END:STANDARD",
		"Africa/Nairobi":   "TZOFFSETTO:+0300|TZNAME:EAT|END:STANDARD",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := calendar{Zone: zone, Events: []event{{Start: time.Date(2026, 7, 1, 10, 0, 0, 0, zone), End: time.Date(2026, 7, 1, 12, 0, 0, 0, zone)}}}
		if got := strings.ReplaceAll(string(c.write()), "\r\n", "|"); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := string(calendar{Zone: time.UTC, Events: []event{{Start: time.Unix(0, 0), End: time.Unix(60, 0)}}}.write()); strings.Contains(got, "VTIMEZONE") || !strings.Contains(got, "DTSTART:19700101T000000Z") {
		t.Errorf("in UTC: %s", got)
	}
}

// TestForeignParser reads the calendar with Python's icalendar, where that is installed.
func TestForeignParser(t *testing.T) {
	const program = `
import sys, json, icalendar
c = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
out = []
for e in c.walk("VEVENT"):
    out.append([str(e["UID"]), str(e["SUMMARY"]), str(e.get("DESCRIPTION", "")), e.decoded("DTSTART").isoformat(), e.decoded("DTEND").isoformat(), int(e["SEQUENCE"]), str(e["STATUS"])])
zones = {str(z["TZID"]): [[n.name, n.decoded("DTSTART").isoformat(), int(n.decoded("TZOFFSETTO").total_seconds())] for n in z.subcomponents] for z in c.walk("VTIMEZONE")}
json.dump([out, zones, str(c["X-WR-CALNAME"])], sys.stdout)
`
	python := os.Getenv("TEST_PYTHON")
	if python == "" {
		python = "python3"
	}
	if exec.Command(python, "-c", "import icalendar").Run() != nil {
		t.Skip("no Python with the package icalendar; TEST_PYTHON names one")
	}
	c := sampleCalendar(t)
	cmd := exec.Command(python, "-c", program)
	cmd.Stdin = bytes.NewReader(c.write())
	body, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var read []json.RawMessage
	var events [][]any
	var zones map[string][][]any
	var name string
	if err := json.Unmarshal(body, &read); err != nil {
		t.Fatal(err)
	}
	for i, into := range []any{&events, &zones, &name} {
		if err := json.Unmarshal(read[i], into); err != nil {
			t.Fatal(err)
		}
	}
	if name != c.Name || len(events) != len(c.Events) {
		t.Fatalf("read %q with %d events", name, len(events))
	}
	for i, e := range c.Events {
		want := []any{e.UID, e.Summary, e.Description, e.Start.Format(time.RFC3339), e.End.Format(time.RFC3339), float64(e.Sequence)}
		for k := range want {
			if events[i][k] != want[k] {
				t.Errorf("event %d: read %q, want %q", i, events[i][k], want[k])
			}
		}
	}
	if rules := zones["Europe/Vienna"]; len(rules) != 2 || rules[0][0] != "DAYLIGHT" || rules[1][1] != "2026-10-25T03:00:00" {
		t.Errorf("the zone's rules were read as %v", zones)
	}
}

// TestCalendarServed holds the address, the type, and the words in the reader's language.
func TestCalendarServed(t *testing.T) {
	g := newRig(t, storetest.SQLite(t))
	g.get("", "/en/programme/exercise-2026/calendar.ics").wants(404)
	g.start()
	p, _ := g.draft()
	_, s := p.sitting("morning")
	s.Link = "https://meet.example.org/secret-room"
	g.save("", *s)
	g.publish()
	for lang, want := range map[string]string{"en": "SUMMARY;LANGUAGE=en:Exercise dialogue · Morning", "fr": "Dialogue d’exercice", "ar": "LANGUAGE=ar"} {
		a := g.get("", "/"+lang+"/programme/exercise-2026/calendar.ics").wants(200, want, "UID:exercise-2026.morning@record.example.org", "SEQUENCE:0").without("secret-room")
		checkLines(t, a.Body.Bytes())
		if ct := a.Header().Get("Content-Type"); ct != "text/calendar; charset=utf-8" {
			t.Errorf("the type is %q", ct)
		}
		if n := strings.Count(a.Body.String(), "BEGIN:VEVENT"); n != 3 {
			t.Errorf("%s: %d events", lang, n)
		}
	}
	one := g.get("", "/en/programme/exercise-2026/sittings/morning.ics").wants(200, "exercise-2026.morning@")
	if strings.Count(one.Body.String(), "BEGIN:VEVENT") != 1 {
		t.Error("the calendar of a sitting holds others")
	}
	g.get("", "/en/programme/exercise-2026/sittings/nothing.ics").wants(404)
	g.get("", "/en/programme/exercise-2026/sittings/morning").wants(404)
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "a,b;c\\d\ne", "\r\n\x00\x7f", strings.Repeat("ä", 100), "\xff\xfe" + strings.Repeat("x", 80), "حوار", "BEGIN:VEVENT\r\nUID:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		var w lines
		w.line("SUMMARY:" + escape(s))
		body := w.String()
		checkLines(t, []byte(body))
		unfolded := strings.TrimSuffix(strings.ReplaceAll(body, "\r\n ", ""), "\r\n")
		if strings.Contains(unfolded, "\r") || strings.Contains(unfolded, "\n") {
			t.Errorf("%q begins another line: %q", s, body)
		}
		value := strings.TrimPrefix(unfolded, "SUMMARY:")
		plain := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\,`, ",", `\;`, ";").Replace(value)
		want := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
				return ' '
			}
			return r
		}, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
		if plain != want {
			t.Errorf("%q comes back as %q", s, plain)
		}
	})
}
