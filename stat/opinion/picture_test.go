package opinion

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it was; look at the difference, and run with -update if it is right", name)
	}
}

// sample is a made-up conversation that says so.
func sample(t testing.TB) *Conversation {
	t.Helper()
	c := categorised(t, 14, 22, 12)
	for j := range 30 {
		s := Statement{ID: StatementID(fmt.Sprint(j)), Text: fmt.Sprintf("Sample statement %d.", j), Moderation: Accepted}
		switch j {
		case 0:
			s.Text = `Sample with <markup>, "quotation marks" & more.`
		case 7:
			s.Text = "عبارة للتجربة"
		case 20:
			s.Moderation = Rejected
		}
		if err := c.Describe(s); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// camps is a small conversation of two camps.
func camps() *Conversation {
	c := &Conversation{}
	for j := range 4 {
		c.addStatement(Statement{ID: StatementID(fmt.Sprint(j)), Text: fmt.Sprintf("Sample statement %d.", j), Moderation: Accepted})
	}
	for i := range 40 {
		c.addParticipant(ParticipantID(fmt.Sprint(i)))
		for j := range 4 {
			v := Agree
			if j > 0 && i%2 == 0 || i%(j+5) == 0 {
				v = Disagree
			}
			c.record(i, j, v, 0)
		}
	}
	return c
}

func TestGolden(t *testing.T) {
	r := mustMap(t, sample(t), Options{Resamples: 20, Seed: 1})
	p := mustPublish(t, r, PublicationThreshold)
	for name, write := range map[string]func(io.Writer) error{
		"sample.svg":           func(w io.Writer) error { return r.SVG(w, Picture{Standalone: true, Source: "Sample, made up"}) },
		"sample-published.svg": func(w io.Writer) error { return p.SVG(w, Picture{Standalone: true, Source: "Sample, made up"}) },
		"sample.html":          func(w io.Writer) error { return p.Table(w, English()) },
		"sample.txt":           r.Text,
		"sample.json": func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "\t")
			return e.Encode(mustPublish(t, mustMap(t, camps(), Options{Resamples: 5}), PublicationThreshold))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.Bytes())
		})
	}
}

func TestPictureIsSound(t *testing.T) {
	hostile := sample(t)
	if err := hostile.Describe(
		Statement{ID: "0", Text: "</title><script>alert(1)</script>\x00\ufffe", Moderation: Accepted},
		Statement{ID: "1", Text: `" onload="alert(1)`, Moderation: Accepted}); err != nil {
		t.Fatal(err)
	}
	whole := mustMap(t, hostile, Options{})
	rtl := English()
	rtl.Lang, rtl.Dir = "ar", "rtl"
	for name, r := range map[string]*Result{
		"whole": whole, "published": mustPublish(t, whole, PublicationThreshold),
		"empty": mustMap(t, &Conversation{}, Options{}), "one": mustMap(t, planted(1, 1), Options{}), "line": mustMap(t, planted(2, 2), Options{}),
	} {
		for _, words := range []Words{English(), rtl} {
			t.Run(name+" "+words.Dir, func(t *testing.T) {
				var b bytes.Buffer
				if err := r.SVG(&b, Picture{Words: words, Source: "Sample <source>", ID: "m1", You: &Point{0.1, -0.1}}); err != nil {
					t.Fatal(err)
				}
				checkSVG(t, b.Bytes(), words.Dir)
				b.Reset()
				if err := r.Table(&b, words); err != nil {
					t.Fatal(err)
				}
				if bytes.Contains(b.Bytes(), []byte("<script")) || !bytes.Contains(b.Bytes(), fmt.Appendf(nil, "dir=%q", words.Dir)) {
					t.Error("the table is not sound")
				}
				b.Reset()
				if err := r.Text(&b); err != nil {
					t.Fatal(err)
				}
				if bytes.ContainsAny(b.Bytes(), "\x00\x1b") || bytes.Contains(b.Bytes(), []byte("%!")) {
					t.Error("the report is not sound")
				}
			})
		}
	}
}

// checkSVG reads the picture as XML and looks for what must and must not be
// there.
func checkSVG(t *testing.T, b []byte, dir string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(b))
	elements, ids := map[string]int{}, map[string]bool{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, b)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		elements[e.Name.Local]++
		for _, a := range e.Attr {
			name := a.Name.Local
			if name == "id" {
				ids[a.Value] = true
			}
			if name == "style" || strings.HasPrefix(name, "on") || name == "href" {
				t.Errorf("<%s %s=%q>", e.Name.Local, name, a.Value)
			}
			switch name {
			case "x", "y", "cx", "cy", "r", "rx", "ry", "x1", "x2", "y1", "y2":
				v, err := strconv.ParseFloat(a.Value, 64)
				if err != nil || math.IsNaN(v) || v < -200 || v > 2000 {
					t.Errorf("<%s %s=%q>", e.Name.Local, name, a.Value)
				}
			case "direction":
				if a.Value != dir {
					t.Errorf("direction %q", a.Value)
				}
			}
		}
	}
	if elements["script"]+elements["style"]+elements["foreignObject"]+elements["image"] > 0 {
		t.Errorf("elements %v", elements)
	}
	if elements["svg"] != 1 || elements["desc"] != 1 || elements["title"] < 1 || !ids["m1-title"] || !ids["m1-desc"] {
		t.Errorf("elements %v, ids %v: no title or description", elements, ids)
	}
}

// Colours are told from the page at three to one, light and dark (WCAG 2.2,
// 1.4.11), and texts at four and a half to one.
func TestContrast(t *testing.T) {
	ratio := func(a, b string) float64 {
		x, y := luminance(t, a), luminance(t, b)
		return (max(x, y) + 0.05) / (min(x, y) + 0.05)
	}
	for _, page := range []string{"#fbfaf7", "#14181d"} {
		for _, c := range palette {
			if r := ratio(c, page); r < 3 {
				t.Errorf("%s on %s has contrast %.2f", c, page, r)
			}
		}
	}
	for _, pair := range regexp.MustCompile(`color:(#[0-9a-f]{6});background:(#[0-9a-f]{6})`).FindAllStringSubmatch(Style, -1) {
		if r := ratio(pair[1], pair[2]); r < 4.5 {
			t.Errorf("text %s on %s has contrast %.2f", pair[1], pair[2], r)
		}
	}
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

// Picture and table of a real conversation fit on a page of 60 kB on the wire.
func TestWeight(t *testing.T) {
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			r := mustPublish(t, mustMap(t, published(t, folder), Options{}), PublicationThreshold)
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			if err := r.SVG(z, Picture{}); err != nil {
				t.Fatal(err)
			}
			if err := r.Table(z, Words{}); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes on the wire", b.Len())
			if b.Len() > 45_000 {
				t.Errorf("%d bytes on the wire", b.Len())
			}
		})
	}
}

func TestLetter(t *testing.T) {
	for id, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := Letter(id); got != want {
			t.Errorf("Letter(%d) = %q, want %q", id, got, want)
		}
	}
	for share, want := range map[float64]string{0: "0 %", 0.001: "< 1 %", 0.5: "50 %", 0.999: "> 99 %", 1: "100 %"} {
		if got := percent(share); got != want {
			t.Errorf("percent(%v) = %q, want %q", share, got, want)
		}
	}
}
