package locale

import (
	"testing"
	"testing/fstest"
	"time"
)

func catalogues(t *testing.T) *Catalogues {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDate(t *testing.T) {
	c := catalogues(t)
	for _, test := range []struct {
		lang Lang
		date string
		want string
	}{
		{English, "2022-07-01", "1 July 2022"},
		{French, "2022-07-01", "1er juillet 2022"},
		{Arabic, "2022-07-01", "1 تموز/يوليه 2022"},
		{English, "2024-07", "July 2024"},
		{French, "2023-10-09", "9 octobre 2023"},
		{English, "2025", "2025"},
	} {
		d, err := ParseDate(test.date)
		if err != nil {
			t.Fatal(err)
		}
		if d.String() != test.date {
			t.Errorf("%s reads back as %s", test.date, d)
		}
		if got := c.Date(test.lang, d); got != test.want {
			t.Errorf("Date(%s, %s) = %q, want %q", test.lang, test.date, got, test.want)
		}
	}
	for _, bad := range []string{"", "2022-02-30", "2022-13", "1 July 2022", "22-07-01", "2022-7-1"} {
		if _, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) gives no error", bad)
		}
	}
}

func TestInstant(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Skip("no time zones on this machine: ", err)
	}
	at := time.Date(2022, 5, 8, 22, 0, 0, 0, time.UTC).In(vienna)
	if got, want := catalogues(t).Instant(English, at), "9 May 2022, 00:00 (CEST)"; got != want {
		t.Errorf("Instant = %q, want %q", got, want)
	}
}

func TestMatch(t *testing.T) {
	c := catalogues(t)
	for accept, want := range map[string]Lang{
		"":                        English,
		"ar-EG,en;q=0.5":          Arabic,
		"fr-CA":                   French,
		"ja":                      English,
		"es;q=0.9, fr;q=0.8":      French,
		"\x00;;;q=":               English,
		"en-GB,en;q=0.9,fr;q=0.1": English,
	} {
		if got := c.Match(accept); got != want {
			t.Errorf("Match(%q) = %s, want %s", accept, got, want)
		}
	}
}

func TestNumberAndList(t *testing.T) {
	c := catalogues(t)
	if got := c.Number(English, 1204); got != "1,204" {
		t.Errorf("Number(en) = %q", got)
	}
	if got := c.Number(Arabic, 1204); got != "1,204" && got != "1٬204" {
		t.Errorf("Number(ar) = %q", got)
	}
	if got := c.List(French, []string{"a", "b", "c"}); got != "a, b et c" {
		t.Errorf("List(fr) = %q", got)
	}
}

// TestMissingKey holds the promise that a missing key never reaches a reader.
func TestMissingKey(t *testing.T) {
	part := func(files map[string]string) fstest.MapFS {
		m := fstest.MapFS{}
		for name, text := range files {
			m["catalogue/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
		return m
	}
	status := `{"en":{"default":"reviewed"},"fr":{"default":"machine"},"ar":{"default":"machine","keys":{"a.b":"reviewed"}}}`
	c, err := New(part(map[string]string{"status.json": status, "en.json": `{"a.b":"x"}`, "fr.json": `{"a.b":"y"}`, "ar.json": `{"a.b":"z"}`}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Status(Arabic, "a.b") != Reviewed || c.Status(French, "a.b") != Machine {
		t.Error("the status of single keys is not kept")
	}
	if _, err := New(part(map[string]string{"status.json": status, "en.json": `{"a.b":"x"}`, "fr.json": `{}`, "ar.json": `{"a.b":"z"}`})); err == nil {
		t.Error("a key missing in French gives no error")
	}
	if _, err := New(part(map[string]string{"status.json": `{}`, "en.json": `{"a.b":"x"}`, "fr.json": `{"a.b":"y"}`, "ar.json": `{"a.b":"z"}`})); err == nil {
		t.Error("a string without a status gives no error")
	}
}

func TestPlural(t *testing.T) {
	status := `{"en":{"default":"reviewed"},"fr":{"default":"machine"},"ar":{"default":"machine"}}`
	fsys := fstest.MapFS{
		"catalogue/status.json": {Data: []byte(status)},
		"catalogue/en.json":     {Data: []byte(`{"p":{"one":"{{.N}} point","other":"{{.N}} points"}}`)},
		"catalogue/fr.json":     {Data: []byte(`{"p":{"one":"{{.N}} point","many":"{{.N}} points","other":"{{.N}} points"}}`)},
		"catalogue/ar.json":     {Data: []byte(`{"p":{"zero":"لا نقاط","one":"نقطة واحدة","two":"نقطتان","few":"{{.N}} نقاط","many":"{{.N}} نقطة","other":"{{.N}} نقطة"}}`)},
	}
	c, err := New(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "لا نقاط", 1: "نقطة واحدة", 2: "نقطتان", 5: "5 نقاط", 44: "44 نقطة"} {
		if got := c.Count(Arabic, "p", n); got != want {
			t.Errorf("Count(ar, %d) = %q, want %q", n, got, want)
		}
	}
	if got := c.Count(French, "p", 0); got != "0 point" {
		t.Errorf("Count(fr, 0) = %q", got)
	}
}
