package api

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"
)

// deadline ends a request that nothing answers. A live stream lasts as long as
// its page is open.
func (a *API) deadline(c *gin.Context) {
	if strings.HasSuffix(c.Request.URL.Path, "/live") {
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), a.Times.Answer+a.Times.Patience)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}
