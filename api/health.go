package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.temporal.io/sdk/client"
)

// health answers whoever runs the process: /healthz says that it lives, /readyz
// that it can do its work.
func (a *API) health() {
	a.router.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	a.router.GET("/readyz", func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), 3*time.Second)
		defer cancel()
		parts := gin.H{"database": "ok", "temporal": "ok"}
		status := http.StatusOK
		if err := a.DB.Ping(ctx); err != nil {
			parts["database"], status = "away", http.StatusServiceUnavailable
		}
		if _, err := a.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
			parts["temporal"], status = "away", http.StatusServiceUnavailable
		}
		c.JSON(status, parts)
	})
}
