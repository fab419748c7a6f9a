package summary

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
	"rostrum.example/internal/text"
)

// big is a summary of 80 points with three quotations each over 400 inputs of 1,000 words in six languages.
func big(b testing.TB) *rig {
	b.Helper()
	g := newRig(b, storetest.SQLite(b))
	random := rand.New(rand.NewPCG(1, 2))
	vocabulary := map[string][]string{}
	for lang, letters := range map[string]string{"en": "etaoinshrdlu", "fr": "esaitnrulodc", "es": "eaosrnidlctu", "ar": "ابتثجحدرسعلمنهوي", "ru": "оеаинтсрвлкм", "zh": "的一是不了人我在有他这中大来上国个到说们"} {
		runes := []rune(letters)
		for range 2500 {
			var w []rune
			for range 2 + random.IntN(8) {
				w = append(w, runes[random.IntN(len(runes))])
			}
			vocabulary[lang] = append(vocabulary[lang], string(w))
		}
	}
	langs := []string{"en", "fr", "es", "ar", "ru", "zh"}
	for i := range 400 {
		lang := langs[i%len(langs)]
		var paragraphs []string
		for range 10 {
			var words []string
			for range 100 {
				words = append(words, vocabulary[lang][int(random.ExpFloat64()*300)%2500])
			}
			paragraphs = append(paragraphs, strings.Join(words, " "))
		}
		id := fmt.Sprintf("input-%d", i)
		g.sources = append(g.sources, Source{ID: "intervention/exercise-2026/" + id, Path: "/x", Category: []string{"ngo", "academia", "private"}[i%3], Needs: []string{"technology"}, Lang: Langs[0]})
		s := &g.sources[i]
		s.Lang = Langs[slices.Index([]string{"ar", "en", "es", "fr", "ru", "zh"}, lang)]
		entry, err := store.NewID(randomBytes{random})
		g.must(err)
		s.Texts = []Text{{Entry: ledger.ID(entry), Version: "1", Lang: s.Lang, Status: text.Official, Text: strings.Join(paragraphs, paragraphEnd)}}
	}
	g.must(g.room.Begin(b.Context(), chair, sampleID, "en", nil))
	section := g.section("technology")
	g.must(g.room.edit(b.Context(), chair, sampleID, func(tx *store.Tx, _ Held, s summary) error {
		for i := range 80 {
			block := text.Block{Kind: text.Point, Text: text.Words{"en": {Text: strings.Join(vocabulary["en"][i:i+60], " "), Status: text.Editors}}}
			for k := range 3 {
				t := g.sources[(i*3+k)%400].Texts[0]
				fields := strings.Fields(t.Text)
				sel, err := text.Select(t.Text, text.Find(t.Text, text.Selector{Exact: strings.Join(fields[5:30], " ")}).Passage)
				if err != nil {
					return err
				}
				block.Citations = append(block.Citations, text.Citation{Entry: t.Entry, Source: g.sources[(i*3+k)%400].ID, Version: "1", Lang: t.Lang, Quote: sel})
			}
			if _, err := g.room.texts.AddBlock(tx, s.Doc, section, "", block, "chair"); err != nil {
				return err
			}
		}
		return nil
	}))
	return g
}

type randomBytes struct{ *rand.Rand }

func (r randomBytes) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return len(b), nil
}

func wire(b *testing.B, g *rig, path string) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(g.get("chair", path).wants(200).Body.Bytes())
	z.Close()
	b.ReportMetric(float64(out.Len()), "gzip-bytes")
}

func BenchmarkOpen(b *testing.B) {
	g := big(b)
	g.get("chair", at1).wants(200)
	b.ResetTimer()
	for range b.N {
		g.get("chair", at1)
	}
	b.StopTimer()
	wire(b, g, at1)
}

func BenchmarkSave(b *testing.B) {
	g := big(b)
	d := g.read()
	id := d.Sections[2].Blocks[40].ID
	edit := d.Stamps[string(id)].Edit
	b.ResetTimer()
	for i := range b.N {
		if i > 0 {
			edit = d.Edit + i
		}
		a := g.post("chair", at1+"/blocks/"+string(id), "basis", fmt.Sprint(edit), "kind", "point", "text-en", fmt.Sprintf("A point that is written anew, %d.", i))
		if a.Code != 303 {
			b.Fatalf("the answer is %d:\n%s", a.Code, a.main())
		}
	}
}

func BenchmarkSuggest(b *testing.B) {
	g := big(b)
	path := sourceQuery(g.sources[390].ID)
	b.ResetTimer()
	for range b.N {
		if g.get("chair", path).Code != 200 {
			b.Fatal("the page does not open")
		}
	}
	b.StopTimer()
	wire(b, g, path)
}

// BenchmarkPublic reads a published summary past the cache for anonymous readers.
func BenchmarkPublic(b *testing.B) {
	g := newRig(b, storetest.SQLite(b))
	g.compose()
	g.publish("")
	g.settle()
	for range b.N {
		g.pass(2 * time.Second)
		r := httptest.NewRequest("GET", "/en/dialogues/exercise-2026/summary", nil)
		if g.send("", r).Code != 200 {
			b.Fatal("the page does not open")
		}
	}
}
