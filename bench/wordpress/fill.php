<?php // 40 posts in three categories by two authors, three pages, pictures, a document, comments; and what nobody may see. Says the address of one post.
require getenv('SITE') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/image.php';
require_once ABSPATH . 'wp-admin/includes/taxonomy.php';
flush_rewrite_rules();
foreach (get_posts(['numberposts' => -1, 'post_type' => ['post', 'page'], 'post_status' => 'any']) as $post) wp_delete_post($post->ID, true);
$sections = array_map('wp_create_category', ['Thời sự', 'Kinh tế', 'Văn hóa – Xã hội']);
$writers = [];
foreach (['Nông Thị Mẫu', 'Hoàng Văn Ví'] as $at => $name)
  $writers[] = wp_insert_user(['user_login' => "bientap$at", 'user_pass' => wp_generate_password(), 'display_name' => $name, 'role' => 'author']);
$about = ['cây mận Lũng Mẫu', 'đường liên xã Nà Ví', 'nước sạch vùng cao', 'lễ hội Lồng Tồng', 'trường bán trú', 'chuyển đổi số cấp xã',
          'rừng đặc dụng', 'chợ phiên cửa khẩu', 'nhà văn hóa thôn', 'tiêm phòng gia súc', 'thủy lợi mùa khô', 'hợp tác xã chè dây'];

function file_of(string $name, string $bytes, string $type): array {
  $file = wp_upload_bits($name, null, $bytes);
  $id = wp_insert_attachment(['post_mime_type' => $type, 'post_title' => $name, 'post_status' => 'inherit'], $file['file']);
  wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file['file']));
  return [$id, $file['url']];
}

$image = imagecreatetruecolor(900, 600);
imagefilledrectangle($image, 0, 0, 900, 600, imagecolorallocate($image, 40, 110, 60));
ob_start(); imagejpeg($image);
[$picture, $picture_url] = file_of('anh-hoi-nghi.jpg', ob_get_clean(), 'image/jpeg');
[$pdf, $pdf_url] = file_of('quyet-dinh-12.pdf', file_get_contents(getenv('PDF')), 'application/pdf');
for ($n = 0; $n < 40; $n++) {
  $what = $about[$n % 12];
  $body = '';
  for ($k = 1; $k <= 4; $k++)
    $body .= "<!-- wp:paragraph --><p>Đoạn $k của bài số $n: sáng nay, Ủy ban nhân dân huyện Mẫu họp phiên thường kỳ về $what, nghe báo cáo tiến độ và bàn kế hoạch "
           . 'năm tới; chủ tịch yêu cầu các phòng, ban hoàn thành trước ngày ' . ($n % 28 + 1) . "/12.</p><!-- /wp:paragraph -->\n";
  if ($n % 4 == 0)
    $body .= "<!-- wp:image {\"id\":$picture} --><figure class=\"wp-block-image\"><img src=\"$picture_url\" alt=\"\" class=\"wp-image-$picture\"/>"
           . "<figcaption class=\"wp-element-caption\">Quang cảnh phiên họp số $n</figcaption></figure><!-- /wp:image -->\n";
  if ($n % 10 == 3)
    $body .= "<!-- wp:file {\"id\":$pdf} --><div class=\"wp-block-file\"><a href=\"$pdf_url\">Quyết định số 12/QĐ-UBND</a>"
           . "<a href=\"$pdf_url\" class=\"wp-block-file__button wp-element-button\" download>Tải xuống</a></div><!-- /wp:file -->\n";
  $id = wp_insert_post(['post_title' => "Huyện Mẫu bàn việc $what, kỳ " . (intdiv($n, 12) + 1), 'post_content' => $body, 'post_status' => 'publish',
    'post_author' => $writers[$n % 2], 'post_category' => [$sections[$n % 3]], 'tags_input' => [$what],
    'post_date' => date('Y-m-d H:i:s', strtotime('2025-06-01 08:00') + $n * 4 * 86400)]);
  if ($n == 3) $first = get_permalink($id);
  if ($n % 7 == 0) set_post_thumbnail($id, $picture);
  if ($n % 9 == 0) foreach ([1, 2] as $c) wp_insert_comment(['comment_post_ID' => $id, 'comment_author' => 'Bạn đọc', 'comment_content' => "Ý kiến $c", 'comment_approved' => 1]);
}
foreach (['Giới thiệu', 'Lịch tiếp công dân', 'Liên hệ'] as $page)
  wp_insert_post(['post_type' => 'page', 'post_title' => $page, 'post_status' => 'publish', 'post_content' => "<!-- wp:paragraph --><p>$page: huyện Mẫu có 14 xã và 2 thị "
    . 'trấn, trụ sở Ủy ban nhân dân huyện đặt tại thị trấn Mẫu; giờ làm việc từ 7 giờ 30 đến 17 giờ các ngày trong tuần, trừ ngày lễ.</p><!-- /wp:paragraph -->']);
foreach (['draft' => 'Bản nháp chưa duyệt', 'private' => 'Chỉ dành cho nội bộ', 'future' => 'Bài hẹn giờ'] as $state => $title)
  wp_insert_post(['post_title' => $title, 'post_content' => 'không ai được thấy', 'post_status' => $state, 'post_date' => $state == 'future' ? '2050-01-01 00:00:00' : '2025-06-01 00:00:00']);
echo $first;
