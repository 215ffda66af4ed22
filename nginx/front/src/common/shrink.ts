// SPDX-License-Identifier: Apache-2.0
// Makes photos smaller before they are uploaded, since photos from a phone are larger than the hall takes.

const readable = '无法读取这张图片，请另存为 JPG 格式后重试。'

export async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    throw new Error(readable)
  }
}

/** The picture at that scale. */
export function drawn(picture: ImageBitmap, scale: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error(readable)
  context.fillStyle = '#fff' // a transparent PNG must not turn black in JPEG
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return context
}

export const jpegOf = (canvas: HTMLCanvasElement, quality: number): Promise<Blob> =>
  new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error(readable))), 'image/jpeg', quality))
export const jpegName = (name: string) => name.replace(/\.[^.]*$/, '') + '.jpg'

/** Makes a JPEG of at most maxBytes. The quality is lowered before the size is, since small print must stay readable. */
export async function shrinkImage(file: File, maxBytes: number): Promise<File> {
  const picture = await decode(file)
  try {
    let scale = Math.min(1, 3000 / Math.max(picture.width, picture.height))
    for (let round = 0; round < 6; round++) {
      for (const quality of [0.9, 0.8, 0.7]) {
        const blob = await jpegOf(drawn(picture, scale).canvas, quality)
        if (blob.size <= maxBytes) return new File([blob], jpegName(file.name), { type: 'image/jpeg' })
      }
      scale *= 0.75
    }
  } finally {
    picture.close()
  }
  throw new Error('图片压缩后仍然过大，请裁剪后重试。')
}

const extension = (name: string) => (name.split('.').pop() ?? '').toLowerCase()
const same: Record<string, string> = { jpeg: 'jpg', tiff: 'tif' }
const plain = (ext: string) => same[ext] ?? ext

/** The file that is sent for a chosen one, or an Error whose text tells the person what to do. */
export async function prepareFile(file: File, formats: string[], maxBytes: number): Promise<File> {
  const taken = formats.map((format) => plain(format.toLowerCase()))
  const ext = plain(extension(file.name))
  const image = file.type.startsWith('image/')
  if (file.size === 0) throw new Error('这个文件是空的，请重新选择。')
  if (!taken.includes(ext)) {
    if (image && taken.includes('jpg')) return shrinkImage(file, maxBytes)
    throw new Error(`不支持这种格式，请上传 ${formats.join('、')} 文件。`)
  }
  if (file.size <= maxBytes) return file
  if (image && taken.includes('jpg')) return shrinkImage(file, maxBytes)
  throw new Error(`文件超过 ${Math.round(maxBytes / 1048576)} MB，请压缩后重新上传。`)
}
