package faults

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// balancer is what stands before the API's processes: each request goes to the
// next one, alive or not, as before a health check has noticed.
type balancer struct {
	next    atomic.Uint32
	proxies []http.Handler
}

func newBalancer(addresses []string) *balancer {
	b := &balancer{}
	transport := &http.Transport{ResponseHeaderTimeout: 20 * time.Second, MaxIdleConnsPerHost: 16}
	for _, address := range addresses {
		target := &url.URL{Scheme: "http", Host: address}
		b.proxies = append(b.proxies, &httputil.ReverseProxy{
			Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
			Transport:    transport,
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		})
	}
	return b
}

// ServeHTTP passes a request on.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.proxies[int(b.next.Add(1))%len(b.proxies)].ServeHTTP(w, r)
}
