// One panel's points in WebGL 2. Positions, groups and dimming are uploaded separately, each only when it changes.
const VERTEX_SHADER = `#version 300 es
in vec2 position; in float group; in float dimmed;
uniform vec2 centre; uniform vec2 scale; uniform float size; uniform float drawDimmed; uniform vec4 dimmedColour;
uniform sampler2D palette;
out vec4 colour;
void main() {
  if (dimmed != drawDimmed) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); gl_PointSize = 1.0; return; }
  gl_Position = vec4((position - centre) * scale, 0.0, 1.0);
  gl_PointSize = size;
  colour = drawDimmed > 0.5 ? dimmedColour : vec4(texelFetch(palette, ivec2(int(group), 0), 0).rgb, 0.85);
}`;
const FRAGMENT_SHADER = `#version 300 es
precision highp float;
in vec4 colour; uniform float size; out vec4 pixel;
void main() {
  float edge = 1.2 / size;
  float alpha = colour.a * (1.0 - smoothstep(0.5 - edge, 0.5, length(gl_PointCoord - 0.5)));
  pixel = vec4(colour.rgb * alpha, alpha);
}`;

class PointLayer {
  // Throws if the browser has no WebGL 2.
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, depth: false });
    if (!gl) throw new Error("no WebGL 2");
    this.gl = gl;
    this.canvas = canvas;
    this.program = this.compile();
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    this.buffers = {};
    this.nPoints = 0;
  }

  compile() {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX_SHADER], [gl.FRAGMENT_SHADER, FRAGMENT_SHADER]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error("no WebGL 2 shaders");
    return program;
  }

  uniform(name) {
    return this.gl.getUniformLocation(this.program, name);
  }

  upload(name, array, size, type) {
    const { gl } = this;
    this.buffers[name] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
    const location = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, size, type, false, 0, 0);
  }

  setPositions(points) {
    this.nPoints = points.length / 2;
    this.upload("position", points, 2, this.gl.UNSIGNED_SHORT);
    this.setDimmed(new Uint8Array(this.nPoints));
  }

  setGroups(groups, colours) {
    const { gl } = this;
    this.upload("group", groups, 1, gl.UNSIGNED_BYTE);
    const palette = new Uint8Array(256 * 4).fill(128);
    colours.forEach((c, g) => palette.set([1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)), 4 * g));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
  }

  // dimmed: Uint8Array [n], 1 for the points in the background
  setDimmed(dimmed) {
    this.anyDimmed = dimmed.includes(1);
    this.upload("dimmed", dimmed, 1, this.gl.UNSIGNED_BYTE);
  }

  // pixelsPerUnit and radius in CSS pixels; dimmedColour: red, green and blue, 0 to 1
  draw(centre, pixelsPerUnit, radius, dimmedColour) {
    const { gl, canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    const alpha = dimmedColour[1] > 0.5 ? 0.06 : 0.13; // light dots add up on a dark ground
    gl.viewport(0, 0, w, h);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.uniform("centre"), ...centre);
    gl.uniform2f(this.uniform("scale"), (2 * pixelsPerUnit) / width, (2 * pixelsPerUnit) / height);
    gl.uniform1f(this.uniform("size"), Math.max(2, 2 * radius * ratio));
    gl.uniform4f(this.uniform("dimmedColour"), ...dimmedColour, alpha);
    for (const drawDimmed of this.anyDimmed ? [1, 0] : [0]) {
      gl.uniform1f(this.uniform("drawDimmed"), drawDimmed);
      gl.drawArrays(gl.POINTS, 0, this.nPoints);
    }
  }

  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
