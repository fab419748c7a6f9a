package party

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// BenchmarkViewer is what every request with a session costs before its page begins.
func BenchmarkViewer(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		g := newRig(b, db)
		officer := g.officer()
		r := httptest.NewRequest("GET", "/en/account", nil)
		r.Host = officer.host
		r.AddCookie(&http.Cookie{Name: plainCookie, Value: officer.cookies[plainCookie]})
		b.ReportAllocs()
		for b.Loop() {
			if v, err := g.d.Viewer(r); err != nil || v.Anonymous() {
				b.Fatal(v, err)
			}
		}
	})
}

// BenchmarkAccount is the page that reads the most about one person.
func BenchmarkAccount(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, db *store.DB) {
		g := newRig(b, db)
		officer := g.officer()
		b.ReportAllocs()
		for b.Loop() {
			officer.get("/en/account").wants(http.StatusOK)
		}
	})
}
