package intervention

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// fill keeps n published inputs of about a thousand words.
func fill(b *testing.B, g *rig, n int) {
	b.Helper()
	err := g.db.Write(context.Background(), func(tx *store.Tx) error {
		for i := range n {
			in := &Input{ID: ID(fmt.Sprintf("bench%021d", i)), Dialogue: sampleID, Kind: Written, Voice: Category, Author: Author{Type: "ngo"}, Lang: "en", State: Published, Received: g.now, Published: g.now, Needs: []string{"data_evidence"}}
			if err := g.room.insert(tx, in); err != nil {
				return err
			}
			var paragraphs []string
			for p := range 10 {
				paragraphs = append(paragraphs, strings.TrimSpace(strings.Repeat(fmt.Sprintf("words of input %d and paragraph %d. ", i, p), 14)))
			}
			if err := g.room.keepText(tx, in.ID, Text{Lang: "en", Number: 1, Status: Official, Paragraphs: paragraphs, At: g.now, Entry: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSources reads 400 inputs of a thousand words for the composer.
func BenchmarkSources(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		g := newRig(b, db)
		fill(b, g, 400)
		for b.Loop() {
			err := db.Read(context.Background(), func(tx *store.Tx) error {
				all, err := g.room.Sources(tx, sampleID)
				if len(all) != 400 {
					b.Fatalf("%d sources", len(all))
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkAlike compares a new text with 400 others.
func BenchmarkAlike(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		g := newRig(b, db)
		fill(b, g, 400)
		for b.Loop() {
			err := db.Read(context.Background(), func(tx *store.Tx) error {
				_, err := g.room.alike(tx, sampleID, []string{strings.Repeat("other words than all of these ", 200)})
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
