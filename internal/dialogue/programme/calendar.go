package programme

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rostrum.example/internal/locale"
)

// A calendar is what phones take in (RFC 5545). It is written for readers who only know that standard: every time
// names its zone, and the zone's rules stand in the file.

// calendar is what is written.
type calendar struct {
	Name   string
	Stamp  time.Time
	Zone   *time.Location
	Events []event
}

type event struct {
	UID         string
	Sequence    int
	Start, End  time.Time
	Cancelled   bool
	Summary     string
	Description string
	Place       string
	URL         string
	Lang        locale.Lang
}

const (
	utcForm   = "20060102T150405Z"
	localForm = "20060102T150405"
)

// write writes the calendar. Lines end in CR LF and have at most 75 octets.
func (c calendar) write() []byte {
	var w lines
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:-//Rostrum//Programme//EN")
	w.line("CALSCALE:GREGORIAN")
	w.line("METHOD:PUBLISH")
	w.line("X-WR-CALNAME:" + escape(c.Name))
	if c.Zone != time.UTC && len(c.Events) > 0 {
		c.zone(&w)
	}
	for _, e := range c.Events {
		w.line("BEGIN:VEVENT")
		w.line("UID:" + escape(e.UID))
		w.line("DTSTAMP:" + c.Stamp.UTC().Format(utcForm))
		w.line(fmt.Sprintf("SEQUENCE:%d", e.Sequence))
		w.line("DTSTART" + c.local(e.Start))
		w.line("DTEND" + c.local(e.End))
		lang := ""
		if e.Lang != "" {
			lang = ";LANGUAGE=" + string(e.Lang)
		}
		w.line("SUMMARY" + lang + ":" + escape(e.Summary))
		if e.Description != "" {
			w.line("DESCRIPTION" + lang + ":" + escape(e.Description))
		}
		if e.Place != "" {
			w.line("LOCATION" + lang + ":" + escape(e.Place))
		}
		if e.URL != "" {
			w.line("URL:" + e.URL)
		}
		status := "CONFIRMED"
		if e.Cancelled {
			status = "CANCELLED"
		}
		w.line("STATUS:" + status)
		w.line("END:VEVENT")
	}
	w.line("END:VCALENDAR")
	return []byte(w.String())
}

// local writes a time with its zone.
func (c calendar) local(t time.Time) string {
	if c.Zone == time.UTC {
		return ":" + t.UTC().Format(utcForm)
	}
	return ";TZID=" + c.Zone.String() + ":" + t.In(c.Zone).Format(localForm)
}

// zone writes the zone's rules: each observance from the one that holds at the first event to the one after the last,
// by its beginning. Rules that repeat would be shorter, but a zone's future is not known anyway.
func (c calendar) zone(w *lines) {
	first, last := c.Events[0].Start, c.Events[0].End
	for _, e := range c.Events {
		if e.Start.Before(first) {
			first = e.Start
		}
		if e.End.After(last) {
			last = e.End
		}
	}
	w.line("BEGIN:VTIMEZONE")
	w.line("TZID:" + c.Zone.String())
	at := first.In(c.Zone)
	for {
		start, end := at.ZoneBounds()
		name, offset := at.Zone()
		from := offset
		if start.IsZero() {
			start = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
		} else {
			_, from = start.Add(-time.Second).In(c.Zone).Zone()
		}
		kind := "STANDARD"
		if at.IsDST() {
			kind = "DAYLIGHT"
		}
		w.line("BEGIN:" + kind)
		// The beginning is told in the local time that held before it.
		w.line("DTSTART:" + start.UTC().Add(time.Duration(from)*time.Second).Format(localForm))
		w.line("TZOFFSETFROM:" + offsetText(from))
		w.line("TZOFFSETTO:" + offsetText(offset))
		w.line("TZNAME:" + escape(name))
		w.line("END:" + kind)
		if end.IsZero() || end.After(last) {
			break
		}
		at = end.In(c.Zone)
	}
	w.line("END:VTIMEZONE")
}

func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if s := seconds % 60; s > 0 {
		text += fmt.Sprintf("%02d", s)
	}
	return text
}

// escape writes a text as a value (RFC 5545, 3.3.11). Control characters, which no value may hold, become spaces.
func escape(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\\' || r == ';' || r == ',':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r < ' ' && r != '\t' || r == 0x7f:
			out.WriteByte(' ')
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// lines writes content lines.
type lines struct{ strings.Builder }

// line writes one line, folded so that none has more than 75 octets and no character is cut in two.
func (w *lines) line(s string) {
	room := 75
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		w.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
		room = 74
	}
	w.WriteString(s + "\r\n")
}

// events gives the sittings of a version as events, in the words of one language; of one sitting where only is not
// empty.
func (room *Room) events(v *Version, h Held, lang locale.Lang, address string, only ID) []event {
	say := room.speak(lang, h)
	title := say.of(h.Title, string(h.ID))
	uid := func(id ID) string { return string(h.ID) + "." + string(id) + "@" + room.o.Origin }
	var all []event
	for i := range v.Programme.Days {
		d := &v.Programme.Days[i]
		for j := range d.Sittings {
			s := &d.Sittings[j]
			start, end, err := s.times(d.Date, h.Zone)
			if err != nil || only != "" && only != s.ID {
				continue
			}
			name := say.part(s)
			if d.Preparation {
				name = say.text("programme.preparation") + " · " + name
			}
			if h.Sample {
				name += " · " + say.text("programme.sample.short")
			}
			e := event{UID: uid(s.ID), Sequence: s.Sequence, Start: start, End: end, Summary: title + " · " + name, Place: s.Room, URL: address, Lang: lang}
			var about []string
			if h.Sample {
				about = append(about, say.text("programme.sample"))
			}
			for _, it := range s.Items {
				about = append(about, "• "+say.of(it.Title, string(it.ID)))
				for _, p := range it.Panel {
					about = append(about, "   "+say.panellist(p))
				}
			}
			if len(v.Programme.Languages) > 1 {
				about = append(about, say.text("programme.interpreted", "Langs", say.languages(v.Programme.Languages)))
			}
			e.Description = strings.Join(about, "\n")
			all = append(all, e)
		}
	}
	for _, c := range v.Programme.Cancelled {
		s := Sitting{Start: c.Start, End: c.End}
		start, end, err := s.times(c.Date, h.Zone)
		if err != nil || only != "" && only != c.ID {
			continue
		}
		all = append(all, event{UID: uid(c.ID), Sequence: c.Sequence, Start: start, End: end, Cancelled: true, Summary: title, URL: address, Lang: lang})
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.Start.Compare(b.Start) })
	return all
}
