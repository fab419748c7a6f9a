package app

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what operators watch, for the private listener. None is about a person.
func (a *App) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	gauge := func(name, help string, value func(h *house) float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if h := a.house.Load(); h != nil {
				return value(h)
			}
			return 0
		}))
	}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge("rostrum_record_entries", "Entries of the public record that a checkpoint covers.", func(h *house) float64 {
		return float64(h.ledger.Head(context.Background()).Size)
	})
	gauge("rostrum_live_listeners", "Connections that listen for events.", func(h *house) float64 {
		return float64(h.hub.Stats().Listeners)
	})
	gauge("rostrum_commits", "Transactions committed by this program.", func(*house) float64 { return float64(a.db.Changes()) })
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
