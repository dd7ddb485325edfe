// An agent in Go: pushes what its own registry and the default one have, as client_golang's
// documentation shows it.
package main

import (
	"log"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
)

func main() {
	cores := prometheus.NewGaugeVec(
		prometheus.GaugeOpts{Name: "cpu_usage_cores", Help: "CPU in use."}, []string{"cpu"})
	cores.WithLabelValues("0").Set(0.25)
	cores.WithLabelValues("1").Set(1.5)
	jobs := prometheus.NewCounter(prometheus.CounterOpts{Name: "jobs_total", Help: "Jobs done."})
	jobs.Add(3)
	wait := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "wait_seconds", Help: "Time in the queue.", Buckets: []float64{0.5, 2}})
	native := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "native_seconds", Help: "The same, in native buckets.",
		NativeHistogramBucketFactor: 1.1})
	for _, seconds := range []float64{0.25, 1, 10} {
		wait.Observe(seconds)
		native.Observe(seconds)
	}
	pause := prometheus.NewSummary(prometheus.SummaryOpts{
		Name: "pause_seconds", Help: "Pauses.", Objectives: map[float64]float64{0.5: 0.05}})
	pause.Observe(1)

	err := push.New(os.Getenv("PUSH_URL"), "agent").
		Grouping("user_id", os.Getenv("PUSH_USER")).
		Grouping("workspace_id", os.Getenv("PUSH_WORKSPACE")).
		BasicAuth("agent", os.Getenv("PUSH_TOKEN")).
		Gatherer(prometheus.DefaultGatherer).
		Collector(cores).Collector(jobs).Collector(wait).Collector(native).Collector(pause).
		Push()
	if err != nil {
		log.Fatal(err)
	}
}
