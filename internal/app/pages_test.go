package app_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rostrum.example/internal/testrig"
)

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	hrefs = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	keys  = regexp.MustCompile(`>\s*[a-z]+(\.[a-z_0-9-]+)+\s*<`)
)

// TestEveryPage follows every link of the instance from its first page, in every language, and holds each page
// to the promises of the shell: it answers, is small, carries the strict policy, and shows no missing word.
func TestEveryPage(t *testing.T) {
	rig := testrig.Demo(t)
	queue := []string{"/en/", "/fr/", "/ar/"}
	seen := map[string]bool{}
	pages := 0
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		path, _, _ = strings.Cut(path, "#")
		if seen[path] || !strings.HasPrefix(path, "/") {
			continue
		}
		seen[path] = true
		resp := rig.Get(t, path, "Accept-Encoding", "gzip")
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", path, resp.StatusCode)
			continue
		}
		wire, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		if len(wire) > 60_000 {
			t.Errorf("%s is %d bytes on the wire, more than 60 kB", path, len(wire))
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "require-trusted-types-for 'script'") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		z, err := gzip.NewReader(bytes.NewReader(wire))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		html := string(text)
		if lang := path[1:3]; !strings.Contains(html, `<html lang="`+lang+`"`) {
			t.Errorf("%s does not say that it is in %s", path, lang)
		}
		if strings.Contains(html, "<no value>") || strings.Contains(html, "%!") || strings.Contains(html, " style=") || strings.Contains(html, "onclick") {
			t.Errorf("%s holds something that no page may hold", path)
		}
		if key := keys.FindString(strings.ReplaceAll(html, "<code>", "")); key != "" && !strings.Contains(html, "<code>"+strings.Trim(key, "><")) {
			t.Errorf("%s shows a key instead of words: %s", path, key)
		}
		for _, m := range hrefs.FindAllStringSubmatch(html, -1) {
			queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
	}
	if pages < 300 {
		t.Errorf("only %d pages were reached", pages)
	}
	t.Logf("%d pages in three languages", pages)
}

func TestNegotiation(t *testing.T) {
	rig := testrig.Demo(t)
	for accept, want := range map[string]string{"": "en", "ar": "ar", "fr-CH, en;q=0.3": "fr", "ja": "en"} {
		resp := rig.Get(t, "/dialogues", "Accept-Language", accept)
		if got := resp.Header.Get("Content-Language"); got != want {
			t.Errorf("Accept-Language %q is answered in %s, want %s", accept, got, want)
		}
		if !strings.Contains(strings.Join(resp.Header.Values("Vary"), ","), "Accept-Language") {
			t.Errorf("Accept-Language %q: the answer does not say that it depends on it", accept)
		}
	}
	if resp := rig.Get(t, "/ar/dialogues", "Accept-Language", "fr"); resp.Header.Get("Content-Language") != "ar" {
		t.Error("a chosen language is not kept")
	}
}

func TestUnknownAndHostile(t *testing.T) {
	rig := testrig.Demo(t)
	for _, test := range []struct {
		path   string
		host   string
		status int
	}{
		{"/en/dialogues/nothing", "", 404},
		{"/en/dialogues/som-2022/points/nothing", "", 404},
		{"/en/dialogues/som-2022/points/nothing/trace", "", 404},
		{"/en/dialogues/som-2022/points/ngos", "", 404}, // a count is no point
		{"/en/sources/nothing", "", 404},
		{"/en/record/99999999", "", 404},
		{"/en/record/-1", "", 404},
		{"/en/record/9999999999999999999999", "", 404},
		{"/en/record/abc", "", 404},
		{"/en/record?before=x", "", 404},
		{"/de/dialogues", "", 404},
		{"/en/%2e%2e/%2e%2e/etc/passwd", "", 404},
		{"/en/dialogues/%E2%80%AEtxt", "", 400}, // right-to-left override
		{"/en/dialogues/%E2%81%A6x", "", 400},   // left-to-right isolate
		{"/en/dialogues/%ff%fe", "", 400},       // broken UTF-8
		{"/en/dialogues/a%00b", "", 400},        // NUL
		{"/en/dialogues?x=%E2%80%AE", "", 400},  // in the query
		{"/en/" + strings.Repeat("a", 5000), "", 404},
		{"/assets/0000000000000000/rostrum.css", "", 404},
		{"/assets/0000000000000000/..%2frostrum.css", "", 404},
		{"/log/tile/0/..%2f..%2fetc", "", 400},
		{"/log/tile/64/000", "", 400},
		{"/log/entry/-1", "", 400},
		{"/log/entry/99999999", "", 404},
		{"/en/", "evil.example", 421},
		{"/en/", "localhost.evil.example", 421},
		{"/en/", "[::1]:80", 200},
	} {
		header := []string{}
		if test.host != "" {
			header = append(header, "Host", test.host)
		}
		resp := rig.Get(t, test.path, header...)
		if resp.StatusCode != test.status {
			t.Errorf("%s (host %q) answers %d, want %d", test.path, test.host, resp.StatusCode, test.status)
		}
		if text := body(t, resp); strings.Contains(text, "goroutine") || strings.Contains(text, "sql:") {
			t.Errorf("%s shows the program's inside: %s", test.path, text)
		}
	}
}

func TestMethods(t *testing.T) {
	rig := testrig.Demo(t)
	resp, err := http.Post(rig.URL+"/en/dialogues", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(resp.Header.Get("Allow"), "GET") {
		t.Errorf("a POST to a page answers %d, Allow %q", resp.StatusCode, resp.Header.Get("Allow"))
	}
	req, _ := http.NewRequest(http.MethodPost, rig.URL+"/en/dialogues", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a form from another site answers %d", resp.StatusCode)
	}
}

func TestNotModified(t *testing.T) {
	rig := testrig.Demo(t)
	first := rig.Get(t, "/en/dialogues")
	tag := first.Header.Get("ETag")
	if tag == "" {
		t.Fatal("the page has no entity tag")
	}
	if again := rig.Get(t, "/en/dialogues", "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("an unchanged page answers %d", again.StatusCode)
	}
	if other := rig.Get(t, "/ar/dialogues", "If-None-Match", tag); other.StatusCode != http.StatusOK {
		t.Errorf("another page answers %d to the same tag", other.StatusCode)
	}
}

// TestInterface holds the shapes that other programs rely on.
func TestInterface(t *testing.T) {
	rig := testrig.Demo(t)
	type row struct {
		ID           string `json:"id"`
		Date         string `json:"date"`
		WorkingGroup string `json:"working_group"`
	}
	var list struct {
		Dialogues []row `json:"dialogues"`
	}
	decode(t, rig.Get(t, "/api/v1/dialogues"), &list)
	if len(list.Dialogues) != 13 {
		t.Errorf("%d dialogues, want 13", len(list.Dialogues))
	}
	if !slices.IsSortedFunc(list.Dialogues, func(a, b row) int { return strings.Compare(a.Date, b.Date) }) {
		t.Error("the dialogues are not in the order of their dates")
	}
	if first := list.Dialogues[0]; first != (row{"firearms-2022", "2022-05-06", "firearms"}) {
		t.Errorf("the first dialogue is %+v", first)
	}
	var one struct {
		Counts []struct {
			What       string         `json:"what"`
			Number     int            `json:"number"`
			Definition map[string]any `json:"definition"`
			Source     []any          `json:"source"`
		} `json:"counts"`
		Needs       []string `json:"needs"`
		Points      []any    `json:"points"`
		CarriedOver []any    `json:"carried_over"`
	}
	decode(t, rig.Get(t, "/api/v1/dialogues/som-2022"), &one)
	if len(one.Needs) != 5 || len(one.Points) != 5 || len(one.Counts) < 4 {
		t.Errorf("2022 has %d needs, %d points, %d counts", len(one.Needs), len(one.Points), len(one.Counts))
	}
	for _, c := range one.Counts {
		if len(c.Definition) == 0 || len(c.Source) == 0 {
			t.Errorf("the count of %s has no definition or no source", c.What)
		}
	}
	decode(t, rig.Get(t, "/api/v1/dialogues/som-2023"), &one)
	if len(one.CarriedOver) != 5 {
		t.Errorf("2023 carries %d points over, want 5", len(one.CarriedOver))
	}
	var summary struct {
		Points   []map[string]any `json:"points"`
		Coverage map[string]any   `json:"coverage"`
	}
	decode(t, rig.Get(t, "/api/v1/dialogues/som-2022/summary"), &summary)
	if len(summary.Points) != 5 || summary.Coverage["reason"] == nil {
		t.Errorf("the summary of 2022 is %v", summary)
	}
	resp := rig.Get(t, "/api/v1/dialogues/nothing")
	if resp.StatusCode != 404 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		t.Errorf("an unknown dialogue answers %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
}

func decode(t *testing.T, resp *http.Response, into any) {
	t.Helper()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d", resp.Request.URL, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
