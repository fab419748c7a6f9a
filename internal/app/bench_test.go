package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"rostrum.example/internal/app"
	"rostrum.example/internal/testrig"
)

// BenchmarkOpen opens an instance that exists, until it could answer.
func BenchmarkOpen(b *testing.B) {
	o := app.Options{Dir: b.TempDir()}
	a, err := app.Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	if err := a.Demo(b.Context()); err != nil {
		b.Fatal(err)
	}
	a.Close()
	for b.Loop() {
		a, err := app.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		a.Close()
	}
}

// BenchmarkPage answers pages without the network: one that is kept, and one that has to be made.
func BenchmarkPage(b *testing.B) {
	rig := testrig.Demo(b)
	for _, bench := range []struct{ name, path string }{
		{"home", "/en/"}, {"trace", "/en/dialogues/som-2022/points/data-and-evidence/trace"}, {"timeline", "/ar/dialogues"},
	} {
		for _, kept := range []bool{true, false} {
			name := bench.name + "/made"
			if kept {
				name = bench.name + "/kept"
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if !kept {
						rig.Clock.Turn(2e9)
					}
					r := httptest.NewRequest(http.MethodGet, "http://localhost"+bench.path, nil)
					r.Header.Set("Accept-Encoding", "gzip")
					w := httptest.NewRecorder()
					rig.App.ServeHTTP(w, r)
					if w.Code != http.StatusOK {
						b.Fatal(w.Code)
					}
				}
			})
		}
	}
}
